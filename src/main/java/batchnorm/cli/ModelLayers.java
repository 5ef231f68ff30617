package batchnorm.cli;

import batchnorm.checkpoint.Export;
import batchnorm.checkpoint.Framework;
import batchnorm.checkpoint.Import;
import batchnorm.checkpoint.ImportReport;
import batchnorm.checkpoint.ImportReport.FoundLayer;
import batchnorm.checkpoint.ImportReport.Note;
import batchnorm.codec.Checkpoint;
import batchnorm.layer.Layer;
import batchnorm.layer.NewLayer;
import batchnorm.normalization.Knob;
import batchnorm.tensor.DataType;
import batchnorm.tensor.DecimalText;
import batchnorm.tensor.Tensor;
import java.time.Instant;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Collectors;

/// The layers of one file, for a command that writes them to another.
///
/// @param layers by their paths in the file
/// @param widest the datatype that holds every number of the file: FP32 or FP64
/// @param notes on what was assumed
record ModelLayers(
        Framework framework, Map<String, Layer> layers, DataType widest, List<String> notes) {

    /// Notes of an import on knobs, which a file of tensors does not have, and on names.
    private static final Set<String> OF_IMPORTS =
            Set.of("epsilon", "momentum", "channel_axis", "running_var", "name");

    /// Reads all layers, with values that are not finite as they are.
    ///
    /// @throws FileProblem when the file cannot be read, or has no layer
    static ModelLayers read(InputFile file, NamesOptions names, StandardStreams streams) {
        Import options = Import.ofStored(names.naming());
        return file.read(
                options.selection(),
                streams,
                checkpoint -> of(options.find(checkpoint), checkpoint));
    }

    private static ModelLayers of(ImportReport report, Checkpoint checkpoint) {
        Map<String, Layer> layers = new LinkedHashMap<>();
        for (FoundLayer found : report.layers()) {
            NewLayer layer = found.layer();
            layers.put(
                    found.path(),
                    Layer.create(layer.name(), layer.config(), layer.revision(), Instant.EPOCH));
        }
        return new ModelLayers(
                report.framework(), layers, widest(checkpoint), notes(report, checkpoint));
    }

    private static DataType widest(Checkpoint checkpoint) {
        boolean isWide =
                checkpoint.state().values().values().stream()
                        .anyMatch(value ->
                                value instanceof Tensor tensor
                                        && tensor.dataType() == DataType.FP64);
        return isWide ? DataType.FP64 : DataType.FP32;
    }

    /// Returns the notes that concern tensors.
    private static List<String> notes(ImportReport report, Checkpoint checkpoint) {
        List<String> notes =
                report.notes().stream()
                        .filter(note -> note.layer() != null || !OF_IMPORTS.contains(note.what()))
                        .filter(note -> !note.what().equals("name"))
                        .map(ModelLayers::line)
                        .collect(Collectors.toList());
        Set<String> epsilons = new TreeSet<>();
        checkpoint
                .settings()
                .values()
                .forEach(settings -> {
                    if (settings.epsilon() != null) {
                        epsilons.add(DecimalText.of(settings.epsilon()));
                    }
                });
        notes.add(
                "epsilon, momentum and channel_axis: no tensor holds them, so OUT does not have them"
                        + (epsilons.isEmpty()
                                ? ""
                                : "; the file states epsilon " + String.join(", ", epsilons)));
        return notes;
    }

    private static String line(Note note) {
        String where = note.layer() == null ? "" : note.layer().value() + ": ";
        return where + note.what() + ": " + note.why();
    }

    /// Returns the notes on the conversion to another framework.
    List<String> notesFor(Framework target) {
        List<String> all = new ArrayList<>(notes);
        Knob.RunningVariance own = variance(framework);
        if (own != variance(target)) {
            all.add(
                    "running_var: carried as it is: %s averages the %s variance, %s the %s one"
                            .formatted(
                                    framework.word(),
                                    Knob.word(own),
                                    target.word(),
                                    Knob.word(variance(target))));
        }
        if (framework.countsBatches() && !target.countsBatches()) {
            all.add(
                    "num_batches_tracked: %s does not count batches, so OUT does not have it"
                            .formatted(target.word()));
        }
        return all;
    }

    private static Knob.RunningVariance variance(Framework of) {
        return of.convention().config().runningVariance();
    }

    /// Adds all layers to an export. The paths of another framework become those of the target's.
    void addTo(Export export) {
        boolean isOwn = export.framework() == framework;
        layers.forEach((path, layer) -> export.add(isOwn ? path : path.replace('/', '.'), layer));
    }
}
