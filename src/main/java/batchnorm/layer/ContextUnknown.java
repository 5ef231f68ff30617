package batchnorm.layer;

/// A context id that this registry never gave, or gave for another layer.
public final class ContextUnknown extends RuntimeException {
    private static final long serialVersionUID = 1;

    public ContextUnknown(String message) {
        super(message);
    }
}
