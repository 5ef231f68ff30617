package batchnorm.collective;

/// A group or an accumulation that is held no more.
public final class CollectiveGone extends RuntimeException {
    private static final long serialVersionUID = 1;

    CollectiveGone(String field) {
        super(
                "what this "
                        + field
                        + " named is gone (nobody used it for a while, it was abandoned, its layer deleted, or the service restarted); open another");
    }
}
