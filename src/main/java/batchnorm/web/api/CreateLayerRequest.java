package batchnorm.web.api;

import batchnorm.layer.LayerName;
import batchnorm.layer.LayerPatch;
import batchnorm.normalization.Config;
import batchnorm.normalization.Convention;
import batchnorm.normalization.InvalidConfig;
import jakarta.validation.constraints.Positive;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/// A new layer. Everything that a layer's representation has is accepted: an export is an import.
///
/// @param features null or absent: the first batch decides
/// @param config knobs as a layer shows them; those beside it take precedence
/// @param version of the layer that was exported, without effect as its times
public record CreateLayerRequest(
        LayerName name,
        Change<@Positive Long> features,
        @Unwrapped @Knobs(Knobs.Set.CREATABLE) KnobValues knobs,
        @Unwrapped LayerVectors vectors,
        @Nullable KnobValues config,
        @Positive @Nullable Long version,
        @Nullable String createdAt,
        @Nullable String updatedAt)
        implements ApiRequest {

    /// The preset that the knobs override: PyTorch's unless another is named.
    public Config preset() {
        Convention exported = config == null ? null : config.convention();
        Convention named = knobs.convention();
        return Objects.requireNonNullElse(
                        named, Objects.requireNonNullElse(exported, Convention.PYTORCH))
                .config();
    }

    /// The knobs and vectors of the layer.
    public LayerPatch patch() {
        return vectors.patch(this::apply).withFeatures(featureCount());
    }

    private Config apply(Config base) {
        if (config == null) {
            return knobs.applyTo(base);
        }
        Config exported = config.applyTo(base);
        config.requireDerived(exported, vectors.numBatchesTracked());
        return knobs.applyTo(exported);
    }

    private @Nullable Integer featureCount() {
        Long count = features.value();
        if (count == null) {
            return null;
        }
        if (count < 1 || count > Integer.MAX_VALUE) {
            throw new InvalidConfig("features", "features is " + count + "; it must be 1 or more");
        }
        return count.intValue();
    }
}
