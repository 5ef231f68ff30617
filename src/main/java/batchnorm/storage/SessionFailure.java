package batchnorm.storage;

/// A session that cannot go on: what the batch has done so far comes to nothing. Never reaches a
/// caller as it is.
final class SessionFailure extends RuntimeException {
    private static final long serialVersionUID = 1;

    private final Remedy remedy;
    private final RuntimeException told;

    /// What becomes of the batch.
    enum Remedy {
        /// Another writer was faster: run it again.
        REPEAT,
        /// There was no room: run each work alone, for some need none.
        SEPARATE,
        /// Give the cause to everyone who waits.
        ANSWER
    }

    SessionFailure(Remedy remedy, RuntimeException told) {
        super(told);
        this.remedy = remedy;
        this.told = told;
    }

    Remedy remedy() {
        return remedy;
    }

    /// What callers are told.
    RuntimeException told() {
        return told;
    }
}
