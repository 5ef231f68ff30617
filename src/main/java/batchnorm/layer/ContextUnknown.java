package batchnorm.layer;

/// Thrown for a context id that this registry never issued, or issued for another layer.
public final class ContextUnknown extends RuntimeException {
    private static final long serialVersionUID = 1;

    public ContextUnknown(String message) {
        super(message);
    }
}
