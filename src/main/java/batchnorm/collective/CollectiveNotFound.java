package batchnorm.collective;

/// Thrown for an id of a group or an accumulation that this service never issued.
public final class CollectiveNotFound extends RuntimeException {
    private static final long serialVersionUID = 1;

    CollectiveNotFound(String field) {
        super(
                "this service never issued that "
                        + field
                        + "; use the one in the response that opened it");
    }
}
