package batchnorm.layer;

/// Thrown when the store failed during a commit: the change may or may not be durable.
public final class CommitOutcomeUnknown extends RuntimeException {
    private static final long serialVersionUID = 1;

    public CommitOutcomeUnknown(Throwable cause) {
        super(
                "the store failed while it committed, so this change may or may not be durable; retry with the same"
                        + " Idempotency-Key, or read the layer's version",
                cause);
    }
}
