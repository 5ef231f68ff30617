package batchnorm.collective;

/// A group or an accumulation that another replica made, which alone can go on with it.
public final class MadeElsewhere extends RuntimeException {
    private static final long serialVersionUID = 1;

    MadeElsewhere(String field) {
        super(
                "what this "
                        + field
                        + " names is held in the memory of another replica; send all requests of one "
                        + field
                        + " to the replica that answered it (by session affinity, or to its own address), or open another");
    }
}
