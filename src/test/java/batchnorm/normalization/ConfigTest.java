package batchnorm.normalization;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import batchnorm.fixtures.Configs;
import batchnorm.normalization.Knob.ReductionScope;
import batchnorm.normalization.Knob.RunningVariance;
import batchnorm.tensor.Shape;
import java.util.Map;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;

class ConfigTest {
    private static final Config PYTORCH = Convention.PYTORCH.config();

    @ParameterizedTest
    @CsvSource({
        "epsilon, -1e-300, 0.1, 1",
        "epsilon, NaN, 0.1, 1",
        "epsilon, Infinity, 0.1, 1",
        "momentum, 1e-5, -1e-300, 1",
        "momentum, 1e-5, 1.0000000000000002, 1",
        "momentum, 1e-5, NaN, 1",
        "channel_axis, 1e-5, 0.1, 33",
        "channel_axis, 1e-5, 0.1, -33",
        "channel_axis, 1e-5, 0.1, -2147483648"
    })
    void refusesAKnobBeyondItsRange(String knob, double epsilon, double momentum, int axis) {
        assertThatThrownBy(() -> config(epsilon, momentum, axis))
                .isInstanceOfSatisfying(
                        InvalidConfig.class,
                        refused -> assertThat(refused.field()).isEqualTo(knob));
    }

    @ParameterizedTest
    @CsvSource({"0, 0, 32", "1e308, 1, -32"})
    void takesTheEndsOfEveryRange(double epsilon, double momentum, int axis) {
        Config config = config(epsilon, momentum, axis);
        assertThat(config.epsilon()).isEqualTo(epsilon);
        assertThat(config.momentum().value()).isEqualTo(momentum);
        assertThat(config.channels().axis()).isEqualTo(axis);
    }

    @Test
    void withoutGammaEveryOtherKnobStays() {
        Config whole =
                Convention.DEEP_LEARNING_FROM_SCRATCH
                        .config()
                        .with(new Variant(false, true, 0.5, 3, new Renorm(2, 1)));
        Config bare = whole.with(Knob.SCALE, false);
        assertThat(bare.scale()).isFalse();
        assertThat(bare.shift()).isTrue();
        assertThat(bare.with(Knob.SCALE, true)).isEqualTo(whole);
    }

    @Test
    void saysWhichAxesMakeTheChannels() {
        assertThat(Convention.KERAS.config().channels().inWords()).isEqualTo("axis -1");
        assertThat(Convention.DEEP_LEARNING_FROM_SCRATCH.config().channels().inWords())
                .isEqualTo("every axis but the first, flattened");
    }

    @ParameterizedTest
    @CsvSource({"0, 0", "2, 2", "-1, 3", "-4, 0"})
    void aNegativeAxisCountsFromTheEnd(int axis, int fromTheStart) {
        assertThat(
                        Configs.laidOut(ReductionScope.SPATIAL, axis)
                                .channels()
                                .axis(Shape.of(2, 3, 4, 5)))
                .isEqualTo(fromTheStart);
    }

    /// Without tracking, neither kind of variance is learned.
    @ParameterizedTest
    @CsvSource({
        "PYTORCH, UNBIASED, true",
        "PYTORCH, BIASED, false",
        "PURE_PYTHON, UNBIASED, false"
    })
    void learnsUnbiasedVariancesWhereItTracksThem(
            Convention convention, RunningVariance variance, boolean learns) {
        Config base = convention.config();
        Config config = base.with(Knob.RUNNING_VARIANCE, variance);
        assertThat(config.learnsUnbiased()).isEqualTo(learns);
    }

    /// As `tf.compat.v1.nn.fused_batch_norm` did for cuDNN.
    @Test
    void raiseAnEpsilonBelowTheFloor() {
        Config fused = Convention.KERAS_2_FUSED.config();
        assertThat(fused.epsilon()).isEqualTo(1e-3);
        assertThat(fused.with(Knob.EPSILON, 1e-7).epsilon()).isEqualTo(1.001e-5);
        assertThat(fused.with(Knob.EPSILON, 0.0).knobs(1)).containsEntry("epsilon", 1.001e-5);
        assertThat(refused(() -> fused.with(Knob.EPSILON_FLOOR, -1.0))).isEqualTo("epsilon_floor");
    }

    static Stream<Arguments> variants() {
        Renorm renorm = new Renorm(3, 5);
        return Stream.of(
                Arguments.of(Variant.PLAIN, false, null, null),
                Arguments.of(
                        new Variant(true, false, 0, null, null), true, null, "freeze_statistics"),
                Arguments.of(new Variant(false, false, 0, null, renorm), true, "r_max", "r_max"),
                Arguments.of(
                        new Variant(false, false, 0, 4, null),
                        false,
                        "virtual_batch_size",
                        "virtual_batch_size"));
    }

    @ParameterizedTest
    @MethodSource("variants")
    void saysWhatItsVariantTrainsWithAndWhatThatDoesNotFit(
            Variant variant,
            boolean trainsWithRunning,
            @Nullable String notPlain,
            @Nullable String notItsOwn) {
        Config config = PYTORCH.with(variant);
        assertThat(config.trainsWithRunning()).isEqualTo(trainsWithRunning);
        assertThat(refused(() -> config.requirePlain("folding"))).isEqualTo(notPlain);
        assertThat(refused(() -> config.requireOwnStatistics("a shard"))).isEqualTo(notItsOwn);
    }

    /// The rejected knob, or null.
    private static @Nullable String refused(Runnable requirement) {
        try {
            requirement.run();
            return null;
        } catch (InvalidConfig refusal) {
            return refusal.field();
        }
    }

    private static Config config(double epsilon, double momentum, int axis) {
        Config base = Configs.laidOut(ReductionScope.SPATIAL, axis);
        return base.with(Map.of(Knob.EPSILON, epsilon, Knob.MOMENTUM, momentum));
    }
}
