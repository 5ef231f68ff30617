package batchnorm.checkpoint;

import batchnorm.layer.LayerName;
import batchnorm.layer.NewLayer;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/// The result of an import.
///
/// @param framework of the tensors' names
/// @param detected how the framework was detected; null when the caller named it
/// @param notes on values that the file does not contain, or that were changed
public record ImportReport(
        Framework framework,
        @Nullable String detected,
        List<FoundLayer> layers,
        List<Skipped> skipped,
        List<Note> notes) {

    /// Returns the layers to create.
    public List<NewLayer> newLayers() {
        return layers.stream().map(FoundLayer::layer).toList();
    }

    /// Returns the assumptions for all layers, on values that no tensor holds.
    public List<Note> assumed() {
        return notes.stream().filter(note -> note.layer() == null).toList();
    }

    /// Returns the notes for one layer.
    public List<Note> warnings(LayerName layer) {
        return notes.stream().filter(note -> layer.equals(note.layer())).toList();
    }

    /// @param path of the layer in the file
    /// @param tensors the names of its tensors in the file, by field name
    public record FoundLayer(
            NewLayer layer, String path, int features, long batches, Map<String, String> tensors) {}

    /// A tensor that belongs to no layer.
    public record Skipped(String tensor, String why) {}

    /// A note on a value that the file does not contain, or that was changed.
    ///
    /// @param layer null for all layers
    /// @param what the field
    public record Note(@Nullable LayerName layer, String what, String why) {}
}
