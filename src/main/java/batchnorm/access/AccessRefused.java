package batchnorm.access;

/// Thrown at startup when the settings would grant access unintentionally.
public final class AccessRefused extends RuntimeException {
    private static final long serialVersionUID = 1;
    private final String remedy;

    AccessRefused(String message, String remedy) {
        super(message);
        this.remedy = remedy;
    }

    /// Returns the setting that resolves the failure, in a sentence.
    public String remedy() {
        return remedy;
    }
}
