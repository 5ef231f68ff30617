package batchnorm.layer;

/// Thrown for a context that another replica made and may still hold.
public final class ContextElsewhere extends RuntimeException {
    private static final long serialVersionUID = 1;

    public ContextElsewhere() {
        super(
                "this context belongs to another replica of this service; send the request to the replica that ran the"
                        + " forward (a client that stays with one replica never sees this), or send any replica the"
                        + " \"input\" with \"mode\" instead of the context_id");
    }
}
