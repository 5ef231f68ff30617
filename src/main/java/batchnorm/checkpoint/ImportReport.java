package batchnorm.checkpoint;

import batchnorm.layer.LayerName;
import batchnorm.layer.NewLayer;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/// What an import found in a checkpoint.
///
/// @param framework whose names the tensors have
/// @param detected how the framework was recognized; null when the caller named it
/// @param notes what the file does not hold, or holds otherwise
public record ImportReport(
        Framework framework,
        @Nullable String detected,
        List<FoundLayer> layers,
        List<Skipped> skipped,
        List<Note> notes) {

    /// The layers that are to be made.
    public List<NewLayer> newLayers() {
        return layers.stream().map(FoundLayer::layer).toList();
    }

    /// What is assumed of all layers, because no tensor holds it.
    public List<Note> assumed() {
        return notes.stream().filter(note -> note.layer() == null).toList();
    }

    /// What is particular about one layer.
    public List<Note> warnings(LayerName layer) {
        return notes.stream().filter(note -> layer.equals(note.layer())).toList();
    }

    /// @param path of the layer in the file
    /// @param tensors the names of its tensors in the file, by our words for them
    public record FoundLayer(
            NewLayer layer, String path, int features, long batches, Map<String, String> tensors) {}

    /// A tensor that belongs to no layer.
    public record Skipped(String tensor, String why) {}

    /// Something that the file does not hold, or that is not as it was there.
    ///
    /// @param layer null when it is true of all
    /// @param what the field it is about
    public record Note(@Nullable LayerName layer, String what, String why) {}
}
