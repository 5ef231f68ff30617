package batchnorm.checkpoint;

import batchnorm.checkpoint.ImportReport.FoundLayer;
import batchnorm.checkpoint.Inspection.InspectedLayer;
import batchnorm.checkpoint.Inspection.InspectedVector;
import batchnorm.codec.Checkpoint;
import batchnorm.codec.LayerSettings;
import batchnorm.codec.Selection;
import batchnorm.layer.LayerPatch;
import batchnorm.layer.LayerPatch.Vector;
import batchnorm.normalization.RunningStatistics;
import batchnorm.normalization.Warnings;
import batchnorm.tensor.Tensor;
import java.util.EnumMap;
import java.util.Map;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/// Inspects the layers of a checkpoint without importing them. Unlike an import, an inspection
/// accepts values that are not finite, and layers without a path.
public record Inspector(Naming naming) {
    private static final String BATCHES = TensorRole.BATCHES.field();

    /// Returns the selection of tensors to read.
    public Selection selection() {
        return reader().selection();
    }

    /// @throws batchnorm.codec.InvalidField when the file has no layer, or an undetected framework
    /// @throws batchnorm.normalization.ShapeMismatch when the tensors of a layer have different
    ///   lengths
    public Inspection inspect(Checkpoint checkpoint) {
        ImportReport report = reader().find(checkpoint);
        return new Inspection(
                checkpoint.format(),
                report.framework(),
                report.detected(),
                report.layers().stream().map(layer -> layer(layer, checkpoint)).toList(),
                report.skipped(),
                report.assumed());
    }

    private Import reader() {
        return Import.ofStored(naming);
    }

    private InspectedLayer layer(FoundLayer found, Checkpoint checkpoint) {
        Map<Vector, InspectedVector> vectors = new EnumMap<>(Vector.class);
        for (Vector vector : Vector.values()) {
            String tensor = found.tensors().get(vector.field());
            if (tensor != null
                    && checkpoint.state().values().get(tensor) instanceof Tensor values) {
                vectors.put(vector, new InspectedVector(values.dataType(), values.toDoubles()));
            }
        }
        boolean isCounted = found.tensors().containsKey(BATCHES);
        RunningStatistics running =
                new RunningStatistics(
                        require(vectors, LayerPatch.Vector.RUNNING_MEAN),
                        require(vectors, LayerPatch.Vector.RUNNING_VAR),
                        found.batches());
        return new InspectedLayer(
                found.path(),
                found.features(),
                checkpoint
                        .settings()
                        .getOrDefault(
                                naming.prefix() + found.path(),
                                new LayerSettings(null, null, null)),
                isCounted ? found.batches() : null,
                vectors,
                Warnings.ofStored(
                        found.layer().config(),
                        values(vectors, Vector.GAMMA),
                        values(vectors, Vector.BETA),
                        running,
                        isCounted));
    }

    private static double @Nullable [] values(Map<Vector, InspectedVector> vectors, Vector vector) {
        InspectedVector found = vectors.get(vector);
        return found == null ? null : found.values();
    }

    private static double[] require(Map<Vector, InspectedVector> vectors, Vector vector) {
        return Objects.requireNonNull(values(vectors, vector), vector.field());
    }
}
