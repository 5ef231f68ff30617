package batchnorm.optimizer;

/// An invalid option of an optimizer.
public final class InvalidOptimizer extends RuntimeException {
    private static final long serialVersionUID = 1;
    private final String field;

    public InvalidOptimizer(String field, String message) {
        super(message);
        this.field = field;
    }

    public String field() {
        return field;
    }
}
