package batchnorm.openinference;

import batchnorm.layer.Layer;
import batchnorm.layer.LayerName;
import batchnorm.layer.LayerSummary;
import batchnorm.layer.Layers;
import batchnorm.layer.VersionNotFound;
import java.net.URLDecoder;
import java.nio.charset.StandardCharsets;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/// Layers, as paths name them. A model's version is the layer's, and only the last one is there.
final class Models {
    private final Layers layers;

    Models(Layers layers) {
        this.layers = layers;
    }

    /// Some clients encode names twice; no layer's name has a percent sign.
    ///
    /// @throws LayerName.InvalidName when no layer can have that name
    static LayerName name(String text) {
        if (!text.contains("%")) {
            return new LayerName(text);
        }
        try {
            return new LayerName(URLDecoder.decode(text, StandardCharsets.UTF_8));
        } catch (IllegalArgumentException malformed) {
            return new LayerName(text);
        }
    }

    /// What there is to list of a model, if it still exists.
    Optional<LayerSummary> summary(LayerName name) {
        return layers.summary(name);
    }

    /// @param version null for whichever there is
    /// @throws batchnorm.layer.LayerNotFound, VersionNotFound
    Layer get(LayerName name, @Nullable String version) {
        return require(layers.get(name), version);
    }

    /// @throws VersionNotFound when the layer is not at that version
    static Layer require(Layer layer, @Nullable String version) {
        if (version != null && !version.equals(Long.toString(layer.version()))) {
            throw new VersionNotFound(layer, version);
        }
        return layer;
    }
}
