package batchnorm.web.api;

import batchnorm.layer.LayerPatch;
import io.swagger.v3.oas.annotations.media.Schema;

/// A change of a layer's knobs and vectors.
@MergePatch
@Schema(name = "LayerPatch")
public record LayerPatchRequest(
        @Unwrapped LayerVectors vectors, @Unwrapped @Knobs(Knobs.Set.PATCHABLE) KnobValues knobs)
        implements ApiRequest {

    public LayerPatch patch() {
        return vectors.patch(knobs::applyTo);
    }
}
