package batchnorm.layer;

/// Thrown for a context that expired, was evicted after use, was deleted with its layer, or was
/// lost in a restart.
public final class ContextGone extends RuntimeException {
    private static final long serialVersionUID = 1;

    public ContextGone() {
        super(
                "this context is gone (it expired, was evicted after use, its layer was deleted, or the"
                        + " service restarted); run the forward again, or send backward its \"input\" instead");
    }
}
