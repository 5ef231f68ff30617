package batchnorm.layer;

/// More work waits than the service takes; nothing was changed.
public final class Overloaded extends RuntimeException {
    private static final long serialVersionUID = 1;

    public Overloaded(String message) {
        super(message);
    }
}
