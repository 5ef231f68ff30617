package batchnorm.storage;

import org.jspecify.annotations.Nullable;

/// The store is not safe to use, so it does not start. The message says what to change.
public final class StoreRefused extends RuntimeException {
    private static final long serialVersionUID = 1;

    StoreRefused(String message) {
        this(message, null);
    }

    StoreRefused(String message, @Nullable Throwable cause) {
        super(message, cause);
    }
}
