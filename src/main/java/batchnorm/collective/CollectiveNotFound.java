package batchnorm.collective;

/// An id of a group or an accumulation that this service never gave.
public final class CollectiveNotFound extends RuntimeException {
    private static final long serialVersionUID = 1;

    CollectiveNotFound(String field) {
        super(field + " is none that this service ever gave; use the one that opening it answered");
    }
}
