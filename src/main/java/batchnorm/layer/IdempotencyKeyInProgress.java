package batchnorm.layer;

/// The first request with this idempotency key is still in progress.
public final class IdempotencyKeyInProgress extends RuntimeException {
    private static final long serialVersionUID = 1;

    public IdempotencyKeyInProgress() {
        this("Idempotency-Key");
    }

    /// @param name of the key, as the caller gave it
    public IdempotencyKeyInProgress(String name) {
        super("a request with this " + name + " is still in progress; retry after it ends");
    }
}
