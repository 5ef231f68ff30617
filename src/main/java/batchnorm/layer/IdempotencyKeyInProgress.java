package batchnorm.layer;

/// Thrown while the first request with an idempotency key is in progress.
public final class IdempotencyKeyInProgress extends RuntimeException {
    private static final long serialVersionUID = 1;

    public IdempotencyKeyInProgress() {
        this("Idempotency-Key");
    }

    /// @param name of the key in the request
    public IdempotencyKeyInProgress(String name) {
        super("a request with this " + name + " is still in progress; retry after it ends");
    }
}
