package batchnorm.checkpoint;

import batchnorm.checkpoint.ImportReport.Note;
import batchnorm.checkpoint.ImportReport.Skipped;
import batchnorm.codec.FileFormat;
import batchnorm.codec.LayerSettings;
import batchnorm.layer.LayerPatch.Vector;
import batchnorm.normalization.Warning;
import batchnorm.tensor.DataType;
import java.util.Arrays;
import java.util.DoubleSummaryStatistics;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/// The batch-normalization layers of a checkpoint.
///
/// @param detected how the framework was detected; null when the caller named it
/// @param skipped the tensors that belong to no layer
/// @param assumed values that the file does not state for every layer
public record Inspection(
        FileFormat format,
        Framework framework,
        @Nullable String detected,
        List<InspectedLayer> layers,
        List<Skipped> skipped,
        List<Note> assumed) {

    /// One layer.
    ///
    /// @param path in the file
    /// @param settings that the file states
    /// @param batches the counted batches; null where the file has no count
    /// @param vectors gamma and beta where the layer has them, and the running statistics
    /// @param warnings the most serious first
    public record InspectedLayer(
            String path,
            int features,
            LayerSettings settings,
            @Nullable Long batches,
            Map<Vector, InspectedVector> vectors,
            List<Warning> warnings) {

        public boolean scale() {
            return vectors.containsKey(Vector.GAMMA);
        }

        public boolean shift() {
            return vectors.containsKey(Vector.BETA);
        }

        /// Returns the datatype of the running variance. Frameworks store gamma and beta in the
        /// same one, or in a narrower one.
        public DataType dataType() {
            return Objects.requireNonNull(vectors.get(Vector.RUNNING_VAR)).dataType();
        }
    }

    /// One vector of a layer.
    ///
    /// @param dataType in the file
    /// @param values widened exactly to binary64
    public record InspectedVector(DataType dataType, double[] values) {

        public Summary summary() {
            DoubleSummaryStatistics finite =
                    Arrays.stream(values).filter(Double::isFinite).summaryStatistics();
            return finite.getCount() == 0
                    ? new Summary(null, null, null, values.length)
                    : new Summary(
                            finite.getMin(),
                            finite.getMax(),
                            finite.getAverage(),
                            values.length - finite.getCount());
        }
    }

    /// The finite values of a vector; null without any.
    ///
    /// @param nonFinite the number of other values
    public record Summary(
            @Nullable Double min, @Nullable Double max, @Nullable Double mean, long nonFinite) {}
}
