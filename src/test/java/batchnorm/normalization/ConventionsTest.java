package batchnorm.normalization;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;

class ConventionsTest {

    /// The table of the design, independently restated.
    @ParameterizedTest
    @CsvSource({
        "pytorch, 1e-5, 0, 0.1, NEW_WEIGHT, false, UNBIASED, 1, SPATIAL, 1, true, REJECT",
        "keras, 1e-3, 0, 0.99, OLD_WEIGHT, false, BIASED, 1, SPATIAL, -1, true, ZERO_VARIANCE",
        "onnx, 1e-5, 0, 0.9, OLD_WEIGHT, false, BIASED, 1, SPATIAL, 1, true, ZERO_VARIANCE",
        "flax, 1e-5, 0, 0.99, OLD_WEIGHT, false, BIASED, 1, SPATIAL, -1, true, ZERO_VARIANCE",
        "mxnet, 1e-3, 0, 0.9, OLD_WEIGHT, false, BIASED, 1, SPATIAL, 1, true, ZERO_VARIANCE",
        "paddle, 1e-5, 0, 0.9, OLD_WEIGHT, false, BIASED, 1, SPATIAL, 1, true, ZERO_VARIANCE",
        "dl4j, 1e-5, 0, 0.9, OLD_WEIGHT, false, BIASED, 1, SPATIAL, 1, true, ZERO_VARIANCE",
        "deep-learning-from-scratch, 1e-6, 0, 0.9, OLD_WEIGHT, false, BIASED, 0, PER_ACTIVATION, 1, true,"
                + " ZERO_VARIANCE",
        "tensorflow-1, 1e-5, 0, 0.999, OLD_WEIGHT, false, BIASED, 0, SPATIAL, -1, true, ZERO_VARIANCE",
        "pure-python, 1e-5, 0, 0.1, NEW_WEIGHT, false, BIASED, 1, SPATIAL, 1, false, REJECT",
        "keras-2-fused, 1e-3, 1.001e-5, 0.99, OLD_WEIGHT, false, UNBIASED, 1, SPATIAL, -1, true,"
                + " ZERO_VARIANCE",
        "mlx, 1e-5, 0, 0.1, NEW_WEIGHT, false, UNBIASED, 1, SPATIAL, -1, true, REJECT",
        "mlx-before-2026-07, 1e-5, 0, 0.1, NEW_WEIGHT, false, BIASED, 1, SPATIAL, -1, true,"
                + " ZERO_VARIANCE",
        "haiku, 1e-5, 0, 0.9, OLD_WEIGHT, true, BIASED, 0, SPATIAL, -1, true, ZERO_VARIANCE",
        "cs231n, 1e-5, 0, 0.9, OLD_WEIGHT, false, BIASED, 0, SPATIAL, 1, true, ZERO_VARIANCE",
        "caffe, 1e-5, 0, 0.999, OLD_WEIGHT, true, UNBIASED, 0, SPATIAL, 1, true, ZERO_VARIANCE",
        "cudnn, 1e-5, 0, , NEW_WEIGHT, false, UNBIASED, 0, SPATIAL, 1, true, REJECT"
    })
    void areTheTable(
            String word,
            double epsilon,
            double floor,
            @Nullable Double momentum,
            Knob.MomentumMeaning meaning,
            boolean zeroDebias,
            Knob.RunningVariance variance,
            double initialVariance,
            Knob.ReductionScope scope,
            int axis,
            boolean tracks,
            Knob.SingleValuePolicy single) {
        Convention convention = Convention.parse(word);
        assertThat(convention.initialVariance()).isEqualTo(initialVariance);
        assertThat(convention.config())
                .isEqualTo(
                        new Config(
                                convention,
                                epsilon,
                                floor,
                                new Momentum(momentum, meaning, zeroDebias),
                                variance,
                                new Channels(scope, axis),
                                true,
                                true,
                                tracks,
                                new Policies(single, Knob.NonFinitePolicy.REJECT),
                                Variant.PLAIN));
    }

    @ParameterizedTest
    @EnumSource
    void areFoundByTheirWordAndSayWhoseTheyAre(Convention convention) {
        assertThat(Convention.parse(convention.word())).isEqualTo(convention);
        assertThat(convention.origin()).isNotEmpty();
    }

    @Test
    void resolveTheDirectionOfMomentum() {
        assertThat(Convention.PYTORCH.config().alpha(7)).isEqualTo(0.1);
        assertThat(Convention.KERAS.config().alpha(7)).isEqualTo(1 - 0.99);
        assertThat(Convention.CUDNN.config().alpha(7)).isEqualTo(1.0 / 7);
    }

    @Test
    void refuseAnUnknownWordAndNameTheKnownOnes() {
        assertThatThrownBy(() -> Convention.parse("theano"))
                .isInstanceOf(InvalidConfig.class)
                .hasMessageContaining("pytorch, keras");
    }
}
