package batchnorm.layer;

/// A context that was promised no longer: its time ran out, it was used and its room needed, its
/// layer was deleted, or the service restarted.
public final class ContextGone extends RuntimeException {
    private static final long serialVersionUID = 1;

    public ContextGone() {
        super(
                "this context is gone (unused past its time to live, used and its room needed, its layer deleted, or the"
                        + " service restarted); run the forward again, or send backward its \"input\" instead");
    }
}
