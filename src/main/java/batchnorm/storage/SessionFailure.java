package batchnorm.storage;

/// A failed session. Nothing of the batch is durable. Callers get the [#cause], never this
/// exception.
final class SessionFailure extends RuntimeException {
    private static final long serialVersionUID = 1;

    private final Remedy remedy;
    private final RuntimeException cause;

    /// How to continue with the batch.
    enum Remedy {
        /// Run the batch again: another writer changed a layer.
        REPEAT,
        /// Commit the works separately: only some fail, for lack of space or by a rejected value.
        SEPARATE,
        /// Fail all works with the cause.
        FAIL
    }

    SessionFailure(Remedy remedy, RuntimeException cause) {
        super(cause);
        this.remedy = remedy;
        this.cause = cause;
    }

    Remedy remedy() {
        return remedy;
    }

    /// Returns the exception for callers.
    RuntimeException cause() {
        return cause;
    }
}
