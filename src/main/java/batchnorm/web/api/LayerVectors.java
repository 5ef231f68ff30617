package batchnorm.web.api;

import batchnorm.layer.LayerPatch;
import batchnorm.layer.LayerPatch.Vector;
import batchnorm.normalization.Config;
import jakarta.validation.constraints.PositiveOrZero;
import java.util.function.UnaryOperator;
import org.jspecify.annotations.Nullable;

/// Vectors of a layer that a request sets, one number per channel each. Null resets a vector.
public record LayerVectors(
        Change<double[]> gamma,
        Change<double[]> beta,
        Change<double[]> runningMean,
        Change<double[]> runningVar,
        @PositiveOrZero @Nullable Long numBatchesTracked) {

    LayerPatch patch(UnaryOperator<Config> knobs) {
        LayerPatch patch = new LayerPatch(knobs).withBatches(numBatchesTracked);
        add(patch, Vector.GAMMA, gamma);
        add(patch, Vector.BETA, beta);
        add(patch, Vector.RUNNING_MEAN, runningMean);
        add(patch, Vector.RUNNING_VAR, runningVar);
        return patch;
    }

    private static void add(LayerPatch patch, Vector vector, Change<double[]> change) {
        if (change.isPresent()) {
            patch.with(vector, change.value());
        }
    }
}
