package batchnorm.checkpoint.fold;

/// The reason why a batch normalization does not fold.
final class Unfoldable extends Exception {
    private static final long serialVersionUID = 1;

    Unfoldable(String reason) {
        super(reason, null, false, false);
    }

    String reason() {
        return String.valueOf(getMessage());
    }
}
