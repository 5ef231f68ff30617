package batchnorm.storage;

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
}
