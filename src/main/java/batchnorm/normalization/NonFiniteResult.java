package batchnorm.normalization;

/// Finite numbers whose result overflows the datatype or does not exist.
public final class NonFiniteResult extends RuntimeException {
    private static final long serialVersionUID = 1;

    public NonFiniteResult(String message) {
        super(message);
    }
}
