package batchnorm.web.api;

import batchnorm.checkpoint.Framework;
import batchnorm.checkpoint.Inspection;
import batchnorm.checkpoint.Inspection.InspectedVector;
import batchnorm.checkpoint.Inspection.Summary;
import batchnorm.codec.FileFormat;
import batchnorm.layer.LayerPatch.Vector;
import batchnorm.normalization.Warning;
import batchnorm.web.api.ImportAnswer.Assumption;
import batchnorm.web.api.ImportAnswer.SkippedTensor;
import io.swagger.v3.oas.annotations.media.Schema;
import jakarta.validation.constraints.Positive;
import jakarta.validation.constraints.PositiveOrZero;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// The batch-normalization layers of a model file.
///
/// @param detected how the framework was recognized; null if the request names it
@Schema(name = "Inspection")
public record InspectAnswer(
        FileFormat format,
        Framework framework,
        @Nullable String detected,
        List<LayerInFile> layers,
        List<SkippedTensor> skipped,
        List<Assumption> assumed)
        implements ApiAnswer {

    /// One layer. Epsilon, momentum and axis are what the file states.
    public record LayerInFile(
            String path,
            @Positive long features,
            String datatype,
            @OmitWhenNull @Nullable Double epsilon,
            @OmitWhenNull @Nullable Double momentum,
            @OmitWhenNull @Nullable Integer axis,
            boolean scale,
            boolean shift,
            @OmitWhenNull @PositiveOrZero @Nullable Long numBatchesTracked,
            List<StateWarning> warnings,
            @OmitWhenNull @Nullable VectorSummary gammaSummary,
            @OmitWhenNull @Nullable VectorSummary betaSummary,
            @OmitWhenNull @Nullable VectorSummary runningMeanSummary,
            @OmitWhenNull @Nullable VectorSummary runningVarSummary,
            @OmitWhenNull double @Nullable [] gamma,
            @OmitWhenNull double @Nullable [] beta,
            @OmitWhenNull double @Nullable [] runningMean,
            @OmitWhenNull double @Nullable [] runningVar) {

        private static LayerInFile of(Inspection.InspectedLayer layer, boolean withVectors) {
            return new LayerInFile(
                    layer.path(),
                    layer.features(),
                    layer.dataType().name(),
                    layer.settings().epsilon(),
                    layer.settings().momentum(),
                    layer.settings().axis(),
                    layer.scale(),
                    layer.shift(),
                    layer.batches(),
                    layer.warnings().stream().map(StateWarning::of).toList(),
                    VectorSummary.of(layer.vectors().get(Vector.GAMMA)),
                    VectorSummary.of(layer.vectors().get(Vector.BETA)),
                    VectorSummary.of(layer.vectors().get(Vector.RUNNING_MEAN)),
                    VectorSummary.of(layer.vectors().get(Vector.RUNNING_VAR)),
                    values(layer, Vector.GAMMA, withVectors),
                    values(layer, Vector.BETA, withVectors),
                    values(layer, Vector.RUNNING_MEAN, withVectors),
                    values(layer, Vector.RUNNING_VAR, withVectors));
        }

        private static double @Nullable [] values(
                Inspection.InspectedLayer layer, Vector vector, boolean isWanted) {
            InspectedVector found = layer.vectors().get(vector);
            return isWanted && found != null ? found.values() : null;
        }
    }

    /// @param code for programs: `non-finite`
    public record StateWarning(String code, String detail) {

        private static StateWarning of(Warning warning) {
            return new StateWarning(warning.code().word(), warning.sentence());
        }
    }

    /// The finite values of a vector.
    public record VectorSummary(
            String datatype,
            @Nullable Double min,
            @Nullable Double max,
            @Nullable Double mean,
            @PositiveOrZero long nonFinite) {

        private static @Nullable VectorSummary of(@Nullable InspectedVector vector) {
            if (vector == null) {
                return null;
            }
            Summary summary = vector.summary();
            return new VectorSummary(
                    vector.dataType().name(),
                    summary.min(),
                    summary.max(),
                    summary.mean(),
                    summary.nonFinite());
        }
    }

    /// @param withVectors whether the layers have their vectors
    public static InspectAnswer of(Inspection inspection, boolean withVectors) {
        return new InspectAnswer(
                inspection.format(),
                inspection.framework(),
                inspection.detected(),
                inspection.layers().stream()
                        .map(layer -> LayerInFile.of(layer, withVectors))
                        .toList(),
                inspection.skipped().stream()
                        .map(skipped -> new SkippedTensor(skipped.tensor(), skipped.why()))
                        .toList(),
                inspection.assumed().stream()
                        .map(note -> new Assumption(note.what(), note.why()))
                        .toList());
    }
}
