package batchnorm.web.api;

import batchnorm.layer.Layer;
import batchnorm.layer.LayerName;
import batchnorm.normalization.Convention;
import java.time.Instant;
import java.util.Objects;

/// A layer within a request: it is computed with, and never stored.
public record LayerDefinition(
        @Unwrapped @Knobs(Knobs.Set.CREATABLE) KnobValues knobs, @Unwrapped LayerVectors vectors) {
    /// The name in error messages.
    private static final LayerName NAME = new LayerName("request");

    /// The layer, with initial values for the vectors that the request leaves out.
    ///
    /// @throws batchnorm.normalization.InvalidConfig, batchnorm.normalization.NonFiniteValue for
    ///   what no layer can have
    public Layer layer() {
        Convention convention = Objects.requireNonNullElse(knobs.convention(), Convention.PYTORCH);
        return Layer.create(
                NAME, convention.config(), vectors.patch(knobs::applyTo), Instant.EPOCH);
    }
}
