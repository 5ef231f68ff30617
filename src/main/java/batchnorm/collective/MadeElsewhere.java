package batchnorm.collective;

/// Thrown for a group or an accumulation held by another replica.
public final class MadeElsewhere extends RuntimeException {
    private static final long serialVersionUID = 1;

    MadeElsewhere(String field) {
        super(
                "the object of this "
                        + field
                        + " is held in the memory of another replica; send all requests of one "
                        + field
                        + " to the replica that issued it (by session affinity, or to its own address), or open another");
    }
}
