package batchnorm.web.api;

import batchnorm.layer.LayerName;
import batchnorm.layer.LayerPatch;
import batchnorm.normalization.Config;
import batchnorm.normalization.Convention;
import batchnorm.normalization.InvalidConfig;
import jakarta.validation.constraints.Positive;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/// A new layer. Accepts all fields of a layer's representation, so that an export can be imported.
///
/// @param features null or absent: defined by the first batch
/// @param config knobs of an exported layer; the request's own knobs take precedence
/// @param version of an exported layer, ignored like its times
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

    /// Returns the preset that the knobs override: PyTorch's by default.
    public Config preset() {
        Convention exported = config == null ? null : config.convention();
        Convention named = knobs.convention();
        return Objects.requireNonNullElse(
                        named, Objects.requireNonNullElse(exported, Convention.PYTORCH))
                .config();
    }

    /// Returns the knobs and vectors of the layer.
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
