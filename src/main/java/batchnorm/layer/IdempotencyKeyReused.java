package batchnorm.layer;

/// Thrown for an idempotency key that was used for a different request.
public final class IdempotencyKeyReused extends RuntimeException {
    private static final long serialVersionUID = 1;

    public IdempotencyKeyReused() {
        this("Idempotency-Key");
    }

    /// @param name of the key in the request
    public IdempotencyKeyReused(String name) {
        super(
                "this %1$s was used for a different request to the same layer; a retry must repeat its request exactly, a new step needs a new %2$s"
                        .formatted(name, name.equals("id") ? "id" : "key"));
    }
}
