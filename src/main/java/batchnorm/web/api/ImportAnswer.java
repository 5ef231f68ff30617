package batchnorm.web.api;

import batchnorm.checkpoint.Framework;
import batchnorm.checkpoint.ImportReport;
import batchnorm.checkpoint.ImportReport.FoundLayer;
import batchnorm.checkpoint.ImportReport.Note;
import batchnorm.layer.Layer;
import batchnorm.layer.LayerName;
import io.swagger.v3.oas.annotations.media.Schema;
import jakarta.validation.constraints.Positive;
import jakarta.validation.constraints.PositiveOrZero;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/// The imported layers and the skipped tensors.
///
/// @param detected how the framework was recognized; null if the request names it
@Schema(name = "ImportReport")
public record ImportAnswer(
        Framework framework,
        @Nullable String detected,
        List<ImportedLayer> layers,
        List<SkippedTensor> skipped,
        List<Assumption> assumed,
        List<ImportNote> notes)
        implements ApiAnswer {

    /// @param path in the file
    public record ImportedLayer(
            LayerName name,
            String path,
            @Positive long features,
            @PositiveOrZero long numBatchesTracked,
            @Positive long version,
            TensorNames tensors,
            List<ImportWarning> warnings) {}

    /// The names of a layer's tensors in the file.
    public record TensorNames(
            @OmitWhenNull @Nullable String gamma,
            @OmitWhenNull @Nullable String beta,
            @OmitWhenNull @Nullable String runningMean,
            @OmitWhenNull @Nullable String runningVar,
            @OmitWhenNull @Nullable String numBatchesTracked) {

        private static TensorNames of(Map<String, String> names) {
            return new TensorNames(
                    names.get("gamma"),
                    names.get("beta"),
                    names.get("running_mean"),
                    names.get("running_var"),
                    names.get("num_batches_tracked"));
        }
    }

    public record ImportWarning(String what, String why) {}

    public record SkippedTensor(String tensor, String why) {}

    public record Assumption(String what, String why) {}

    /// @param layer null for a note about all layers
    public record ImportNote(@Nullable String layer, String what, String why) {

        private static ImportNote of(Note note) {
            LayerName layer = note.layer();
            return new ImportNote(layer == null ? null : layer.value(), note.what(), note.why());
        }
    }

    /// @param created the layers after the import
    public static ImportAnswer of(ImportReport report, List<Layer> created) {
        Map<LayerName, Layer> byName =
                created.stream().collect(Collectors.toMap(Layer::name, layer -> layer));
        return new ImportAnswer(
                report.framework(),
                report.detected(),
                report.layers().stream()
                        .map(found ->
                                layer(
                                        found,
                                        Objects.requireNonNull(byName.get(found.layer().name())),
                                        report))
                        .toList(),
                report.skipped().stream()
                        .map(skipped -> new SkippedTensor(skipped.tensor(), skipped.why()))
                        .toList(),
                report.assumed().stream()
                        .map(note -> new Assumption(note.what(), note.why()))
                        .toList(),
                report.notes().stream().map(ImportNote::of).toList());
    }

    private static ImportedLayer layer(FoundLayer found, Layer created, ImportReport report) {
        return new ImportedLayer(
                created.name(),
                found.path(),
                found.features(),
                found.batches(),
                created.version(),
                TensorNames.of(found.tensors()),
                report.warnings(created.name()).stream()
                        .map(note -> new ImportWarning(note.what(), note.why()))
                        .toList());
    }
}
