package batchnorm.storage;

/// A session that cannot go on. Nothing that the batch has done so far is kept. Callers get
/// [#told], never this.
final class SessionFailure extends RuntimeException {
    private static final long serialVersionUID = 1;

    private final Remedy remedy;
    private final RuntimeException told;

    /// What becomes of the batch.
    enum Remedy {
        /// Another writer was faster: run it again.
        REPEAT,
        /// Some of the works fail, and only those: there was no room, or the database refused a
        /// value. Commit the others without them.
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
