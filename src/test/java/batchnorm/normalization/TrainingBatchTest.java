package batchnorm.normalization;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import batchnorm.fixtures.Configs;
import batchnorm.normalization.Knob.ReductionScope;
import batchnorm.tensor.Shape;
import batchnorm.tensor.Tensor;
import java.util.List;
import java.util.Objects;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

class TrainingBatchTest {
    private static final Tensor INPUT = Tensor.of(Shape.of(3, 2), 1.0, 2, 3, 4, 5, 6);

    @Test
    void fallsIntoVirtualBatchesWithTheirWeights() {
        Weights weights = new Weights(new double[] {7, 8, 9});
        List<TrainingBatch> parts = parts(weights, config(ReductionScope.SPATIAL, 1, 2));
        assertThat(parts).hasSize(2);
        assertThat(parts.getFirst().input().toDoubles()).containsExactly(1, 2, 3, 4);
        assertThat(weights(parts.getFirst())).containsExactly(7, 8);
        assertThat(parts.getLast().input().toDoubles()).containsExactly(5, 6);
        assertThat(weights(parts.getLast())).containsExactly(9);
    }

    /// A batch that is not split may have its channels on axis 0.
    @Test
    void isNotCutWhereItIsNoLargerThanAVirtualBatch() {
        assertThat(parts(null, config(ReductionScope.SPATIAL, 0, 3))).isEmpty();
    }

    @Test
    void isCutAlongSamplesOnly() {
        assertThatThrownBy(() -> parts(null, config(ReductionScope.SPATIAL, 0, 2)))
                .isInstanceOf(ShapeMismatch.class)
                .hasMessageContaining("channel_axis is 0");
        assertThat(parts(null, config(ReductionScope.PER_ACTIVATION, 0, 2))).hasSize(2);
    }

    private static List<TrainingBatch> parts(@Nullable Weights weights, Config config) {
        return TrainingBatch.of(INPUT, weights, config).parts(config);
    }

    private static double[] weights(TrainingBatch batch) {
        return Objects.requireNonNull(batch.weights()).values();
    }

    private static Config config(ReductionScope scope, int axis, int virtualBatchSize) {
        return Configs.laidOut(scope, axis)
                .with(new Variant(false, false, 0, virtualBatchSize, null));
    }
}
