package batchnorm.checkpoint;

/// A number of a layer would be rounded in the file, where only exact ones were asked for.
public final class InexactState extends RuntimeException {
    private static final long serialVersionUID = 1;

    InexactState(String message) {
        super(message);
    }
}
