package batchnorm.layer;

/// The first request with this idempotency key is still at work.
public final class IdempotencyKeyInProgress extends RuntimeException {
    private static final long serialVersionUID = 1;

    public IdempotencyKeyInProgress() {
        super("a request with this Idempotency-Key is still in progress; retry after it ends");
    }
}
