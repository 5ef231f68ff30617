package batchnorm.layer;

/// An idempotency key came again with another request.
public final class IdempotencyKeyReused extends RuntimeException {
    private static final long serialVersionUID = 1;

    public IdempotencyKeyReused() {
        super(
                "this Idempotency-Key was used for a different request to the same layer; a retry must repeat its request"
                        + " exactly, a new step needs a new key");
    }
}
