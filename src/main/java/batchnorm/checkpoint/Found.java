package batchnorm.checkpoint;

import batchnorm.layer.LayerName;
import batchnorm.layer.NewLayer;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/// What an import found in a checkpoint.
public record Found(List<FoundLayer> layers, List<Skipped> skipped, List<Note> notes) {

    /// The layers that are to be made.
    public List<NewLayer> newLayers() {
        return layers.stream().map(FoundLayer::layer).toList();
    }

    /// @param tensors the names of its tensors in the file, by our words for them
    public record FoundLayer(
            NewLayer layer, int features, long batches, Map<String, String> tensors) {}

    /// A tensor that belongs to no layer.
    public record Skipped(String tensor, String why) {}

    /// Something that the file did not say, or that is not as it was there.
    ///
    /// @param layer null when it is true of all
    /// @param what the field it is about
    public record Note(@Nullable LayerName layer, String what, String why) {}
}
