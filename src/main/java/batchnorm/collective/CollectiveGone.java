package batchnorm.collective;

/// Thrown for a group or an accumulation that is no longer held.
public final class CollectiveGone extends RuntimeException {
    private static final long serialVersionUID = 1;

    CollectiveGone(String field) {
        super(
                "the object of this "
                        + field
                        + " is gone (it expired unused, was abandoned, its layer was deleted, or the service restarted); open another");
    }
}
