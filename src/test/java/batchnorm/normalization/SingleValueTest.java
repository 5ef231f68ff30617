package batchnorm.normalization;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import batchnorm.kernel.ScalarKernel;
import batchnorm.normalization.Knob.RunningVariance;
import batchnorm.normalization.Knob.SingleValuePolicy;
import batchnorm.tensor.Shape;
import batchnorm.tensor.Tensor;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/// Batches with and without a variance to learn from.
class SingleValueTest {
    private static final Config PYTORCH = Convention.PYTORCH.config();
    private static final Tensor PAIR = Tensor.of(Shape.of(2, 1), 4.0, 6);
    private final BatchNormalization operator = new BatchNormalization(new ScalarKernel());

    /// Two values and their weights. An unbiased variance divides by the sum of the weights less 1.
    /// It is defined as 0 for a single value of positive weight.
    @ParameterizedTest
    @CsvSource({
        "UNBIASED, REJECT, 0, 5, mask and weights leave one value per channel",
        "BIASED, REJECT, 5, 0, mask and weights leave one value per channel",
        "UNBIASED, REJECT, 0.5, 0.5, the weights sum to 1.0",
        "UNBIASED, ZERO_VARIANCE, 0.25, 0.5, the weights sum to 0.75",
        "UNBIASED, REJECT, 0.5, 0.75, ",
        "UNBIASED, ZERO_VARIANCE, 0.25, 0, ",
        "BIASED, REJECT, 0.25, 0.5, "
    })
    void isRefusedByWeights(
            RunningVariance variance,
            SingleValuePolicy policy,
            double first,
            double second,
            @Nullable String refusal) {
        Config config =
                PYTORCH.with(Map.of(Knob.RUNNING_VARIANCE, variance, Knob.SINGLE_VALUE, policy));
        Weights weights = new Weights(new double[] {first, second});
        if (refusal == null) {
            assertThat(statistics(weights, config).count()).isEqualTo(first + second);
        } else {
            assertThatThrownBy(() -> statistics(weights, config))
                    .isInstanceOf(SingleValue.class)
                    .hasMessageStartingWith(refusal);
        }
    }

    @Test
    void isRefusedByTheCountOfAllShards() {
        Moments single = Moments.of(1, new double[] {4}, new double[1]);
        assertThatThrownBy(() -> operator.statistics(single, PYTORCH))
                .isInstanceOf(SingleValue.class)
                .hasMessageStartingWith("the whole batch has one value per channel");
    }

    @Test
    void isWelcomeWhereStatisticsAreFrozen() {
        Config frozen = PYTORCH.with(new Variant(true, false, 0, null, null));
        Tensor single = Tensor.of(Shape.of(1, 1), 4.0);
        assertThat(operator.statistics(single, frozen).count()).isEqualTo(1);
        Weights light = new Weights(new double[] {0.25, 0.5});
        assertThat(statistics(light, frozen).count()).isEqualTo(0.75);
    }

    private BatchStatistics statistics(Weights weights, Config config) {
        return operator.statistics(TrainingBatch.of(PAIR, weights, config), config);
    }
}
