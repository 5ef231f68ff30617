package batchnorm.normalization;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import batchnorm.kernel.ScalarKernel;
import batchnorm.normalization.Knob.MomentumMeaning;
import batchnorm.tensor.Shape;
import batchnorm.tensor.Tensor;
import org.junit.jupiter.api.Test;

/// Overflow is distinguished from non-finite input.
class FinitenessTest {
    private static final Tensor FINITE = Tensor.of(Shape.of(1, 2), 1, 2);
    private static final Tensor INFINITE = Tensor.of(Shape.of(1, 2), 1, Double.POSITIVE_INFINITY);
    private final BatchNormalization operator = new BatchNormalization(new ScalarKernel());

    @Test
    void aVarianceThatOverflowsIsNamedByItsChannel() {
        Tensor input = Tensor.of(Shape.of(2, 3), 0, 0, 1e200, 1, 1, -1e200);
        assertThatThrownBy(() -> operator.statistics(input, Convention.PYTORCH.config()))
                .isInstanceOf(NonFiniteResult.class)
                .hasMessageContaining("channel 2")
                .hasMessageContaining("2 values are finite");
    }

    @Test
    void theVeryFirstElementIsLookedAtToo() {
        Tensor input = Tensor.of(Shape.of(2, 1), Double.NaN, 1);
        assertThatThrownBy(() -> operator.statistics(input, Convention.PYTORCH.config()))
                .isInstanceOf(NonFiniteValue.class)
                .hasMessageStartingWith("input[0][0] is NaN");
        assertThatThrownBy(() -> Finiteness.requireFinite("grad_output", input))
                .isInstanceOf(NonFiniteValue.class)
                .hasMessageStartingWith("grad_output[0][0] is NaN");
        double[] vector = {Double.NaN};
        assertThatCode(() -> Finiteness.requireFinite("grad_gamma", vector, input))
                .doesNotThrowAnyException();
    }

    @Test
    void aVectorThatOverflowsIsNamedByItsIndex() {
        double[] vector = {1, Double.NaN};
        assertThatThrownBy(() -> Finiteness.requireFinite("grad_gamma", vector, FINITE))
                .isInstanceOf(NonFiniteResult.class)
                .hasMessageContaining("grad_gamma[1]");
    }

    @Test
    void whatCameInfiniteMayGoOutInfinite() {
        double[] vector = {Double.POSITIVE_INFINITY};
        assertThatCode(() -> Finiteness.requireFinite("grad_gamma", vector, FINITE, INFINITE))
                .doesNotThrowAnyException();
    }

    @Test
    void whatIsFiniteOrNotThereIsNotLookedAt() {
        assertThatCode(
                        () -> {
                            Finiteness.requireFinite("grad_gamma", new double[] {1, 2}, FINITE);
                            Finiteness.requireFinite("grad_beta", (double[]) null, FINITE);
                        })
                .doesNotThrowAnyException();
    }

    @Test
    void runningStatisticsThatOverflowAreRefused() {
        Config config = Convention.PYTORCH.config();
        RunningStatistics running =
                new RunningStatistics(new double[] {-1.7e308}, new double[] {1}, 3);
        BatchStatistics batch = new BatchStatistics(2, new double[] {1.7e308}, new double[] {1});
        assertThatThrownBy(() -> running.updated(batch, config))
                .isInstanceOf(NonFiniteResult.class)
                .hasMessageContaining("running_mean[0]");
        RunningStatistics calm = new RunningStatistics(new double[] {0}, new double[] {1}, 3);
        BatchStatistics wide = new BatchStatistics(2, new double[] {0}, new double[] {1.7e308});
        assertThatThrownBy(() -> calm.updated(wide, config))
                .isInstanceOf(NonFiniteResult.class)
                .hasMessageContaining("running_var[0]");
        assertThat(calm.batches()).isEqualTo(3);
    }

    @Test
    void anUnknownChoiceListsTheValidOnes() {
        assertThat(Knob.parse(MomentumMeaning.class, "momentum_meaning", "old_weight"))
                .isEqualTo(MomentumMeaning.OLD_WEIGHT);
        assertThatThrownBy(() -> Knob.parse(MomentumMeaning.class, "momentum_meaning", "new"))
                .isInstanceOfSatisfying(
                        InvalidConfig.class,
                        refused -> assertThat(refused.field()).isEqualTo("momentum_meaning"))
                .hasMessageContaining("\"new_weight\" or \"old_weight\"");
    }
}
