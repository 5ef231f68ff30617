package batchnorm.access;

/// The service does not start with these settings: they would let in somebody unintended.
public final class AccessRefused extends RuntimeException {
    private static final long serialVersionUID = 1;
    private final String remedy;

    AccessRefused(String message, String remedy) {
        super(message);
        this.remedy = remedy;
    }

    /// What to set, in a sentence.
    public String remedy() {
        return remedy;
    }
}
