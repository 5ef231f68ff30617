package batchnorm.storage;

import java.sql.SQLException;
import org.jspecify.annotations.Nullable;

/// Finds the origin of a failure.
final class Causes {
    private static final int MAX_DEPTH = 32;

    private Causes() {}

    static Throwable root(Throwable failure) {
        Throwable root = failure;
        for (int i = 0; i < MAX_DEPTH; i++) {
            Throwable cause = root.getCause();
            if (cause == null) {
                break;
            }
            root = cause;
        }
        return root;
    }

    /// Returns the outermost failure of a database; null if there is none.
    static @Nullable SQLException sql(Throwable failure) {
        Throwable next = failure;
        for (int i = 0; i < MAX_DEPTH && next != null; i++) {
            if (next instanceof SQLException sql) {
                return sql;
            }
            next = next.getCause();
        }
        return null;
    }
}
