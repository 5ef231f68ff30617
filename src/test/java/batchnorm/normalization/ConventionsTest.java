package batchnorm.normalization;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;

class ConventionsTest {

    /// The table of the design, independently restated.
    @ParameterizedTest
    @CsvSource({
        "pytorch, 1e-5, 0.1, NEW_WEIGHT, UNBIASED, 1, SPATIAL, 1, true, REJECT",
        "keras, 1e-3, 0.99, OLD_WEIGHT, BIASED, 1, SPATIAL, -1, true, ZERO_VARIANCE",
        "onnx, 1e-5, 0.9, OLD_WEIGHT, BIASED, 1, SPATIAL, 1, true, ZERO_VARIANCE",
        "flax, 1e-5, 0.99, OLD_WEIGHT, BIASED, 1, SPATIAL, -1, true, ZERO_VARIANCE",
        "mxnet, 1e-3, 0.9, OLD_WEIGHT, BIASED, 1, SPATIAL, 1, true, ZERO_VARIANCE",
        "paddle, 1e-5, 0.9, OLD_WEIGHT, BIASED, 1, SPATIAL, 1, true, ZERO_VARIANCE",
        "dl4j, 1e-5, 0.9, OLD_WEIGHT, BIASED, 1, SPATIAL, 1, true, ZERO_VARIANCE",
        "deep-learning-from-scratch, 1e-6, 0.9, OLD_WEIGHT, BIASED, 0, PER_ACTIVATION, 1, true,"
                + " ZERO_VARIANCE",
        "tensorflow-1, 1e-5, 0.999, OLD_WEIGHT, BIASED, 0, SPATIAL, -1, true, ZERO_VARIANCE",
        "pure-python, 1e-5, 0.1, NEW_WEIGHT, BIASED, 1, SPATIAL, 1, false, REJECT"
    })
    void areTheTable(
            String word,
            double epsilon,
            double momentum,
            Knob.MomentumMeaning meaning,
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
                                new Momentum(momentum, meaning),
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
    }

    @Test
    void refuseAnUnknownWordAndNameTheKnownOnes() {
        assertThatThrownBy(() -> Convention.parse("caffe"))
                .isInstanceOf(InvalidConfig.class)
                .hasMessageContaining("pytorch, keras");
    }
}
