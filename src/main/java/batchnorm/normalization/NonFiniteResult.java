package batchnorm.normalization;

/// Finite numbers whose result the datatype cannot hold, or that has no finite value at all.
public final class NonFiniteResult extends RuntimeException {
    private static final long serialVersionUID = 1;

    public NonFiniteResult(String message) {
        super(message);
    }
}
