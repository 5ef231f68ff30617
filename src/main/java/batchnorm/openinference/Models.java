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

/// Looks up layers by the names and versions of paths. Only the current version of a layer exists.
final class Models {
    private final Layers layers;

    Models(Layers layers) {
        this.layers = layers;
    }

    /// Decodes a name again if it has a percent sign, because some clients encode names twice.
    ///
    /// @throws LayerName.InvalidName for an invalid name
    static LayerName name(String text) {
        if (!text.contains("%")) {
            return new LayerName(text);
        }
        try {
            return new LayerName(URLDecoder.decode(text, StandardCharsets.UTF_8));
        } catch (IllegalArgumentException e) {
            return new LayerName(text);
        }
    }

    /// Returns the summary of a model, if it still exists.
    Optional<LayerSummary> summary(LayerName name) {
        return layers.summary(name);
    }

    /// @param version null for the current one
    /// @throws batchnorm.layer.LayerNotFound, VersionNotFound
    Layer get(LayerName name, @Nullable String version) {
        return require(layers.get(name), version);
    }

    /// @throws VersionNotFound when the layer has another version
    static Layer require(Layer layer, @Nullable String version) {
        if (version != null && !version.equals(Long.toString(layer.version()))) {
            throw new VersionNotFound(layer, version);
        }
        return layer;
    }
}
