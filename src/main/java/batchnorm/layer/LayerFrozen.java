package batchnorm.layer;

/// Thrown for a change of a frozen field.
public final class LayerFrozen extends RuntimeException {
    private static final long serialVersionUID = 1;
    private final String field;

    /// @param knob that freezes the field
    LayerFrozen(String field, String knob) {
        super(field + " is frozen; set \"" + knob + "\" to false first, or in the same patch");
        this.field = field;
    }

    public String field() {
        return field;
    }
}
