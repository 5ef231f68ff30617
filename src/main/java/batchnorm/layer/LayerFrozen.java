package batchnorm.layer;

/// A change of something that the layer keeps as it is.
public final class LayerFrozen extends RuntimeException {
    private static final long serialVersionUID = 1;
    private final String field;

    /// @param field what would change
    /// @param knob that keeps it
    LayerFrozen(String field, String knob) {
        super(field + " is frozen; set \"" + knob + "\" to false first, or in the same patch");
        this.field = field;
    }

    public String field() {
        return field;
    }
}
