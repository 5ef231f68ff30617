package batchnorm.codec;

import java.util.List;
import java.util.Map;

/// The contents read from a checkpoint: a file of named tensors, of which a few are selected.
///
/// @param state the selected tensors, and integers of one element
/// @param skipped the names of tensors that were not selected
/// @param unreadable the names of tensors with an unsupported type or form, each with the reason
/// @param settings of the layers for which the file states them, by the path of the layer: the
///   names of its tensors without the last part
public record Checkpoint(
        FileFormat format,
        Message state,
        List<String> skipped,
        Map<String, String> unreadable,
        Map<String, LayerSettings> settings) {

    /// A file that has tensors alone.
    public Checkpoint(
            FileFormat format,
            Message state,
            List<String> skipped,
            Map<String, String> unreadable) {
        this(format, state, skipped, unreadable, Map.of());
    }
}
