package batchnorm.normalization;

import static org.assertj.core.api.Assertions.assertThat;

import batchnorm.fixtures.Configs;
import batchnorm.fixtures.RandomSeed;
import batchnorm.kernel.Kernel;
import batchnorm.normalization.Conversion.KnobChange;
import batchnorm.normalization.Conversion.NotExact;
import batchnorm.normalization.Conversion.Treatment;
import batchnorm.tensor.DecimalText;
import batchnorm.tensor.Shape;
import batchnorm.tensor.Tensor;
import java.util.Arrays;
import java.util.Objects;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

class ConversionTest {
    private static final Config PYTORCH = Convention.PYTORCH.config();
    private final BatchNormalization operator = new BatchNormalization(Kernel.fastest());

    /// Converts every convention to every other. The sum `running_var + ε` changes by three
    /// roundings, its root by half of that, and two more roundings make four ulps of `γ·xhat`.
    @ParameterizedTest
    @EnumSource
    void inferenceAnswersTheSame(Convention from) {
        Random random = RandomSeed.random(5);
        double[] mean = random.doubles(6, -5, 5).toArray();
        double[] variance = {1e-5, 1e-3, 2e-3, 0.1, 3, 1e7};
        double[] gamma = random.doubles(6, -2, 2).toArray();
        double[] x = random.doubles(60, -9, 9).toArray();
        Config before = from.config();
        RunningStatistics running = new RunningStatistics(mean, variance, 7);
        Parameters parameters = new Parameters(gamma, new double[6]);
        for (Convention to : Convention.values()) {
            Conversion conversion = Conversion.of(before, running, to);
            RunningStatistics moved = Objects.requireNonNull(conversion.running());
            assertThat(Arrays.stream(moved.variance()).min().orElseThrow()).isNotNegative();
            double[] expected = infer(x, running, parameters, before);
            double[] actual = infer(x, moved, parameters, conversion.config());
            for (int i = 0; i < x.length; i++) {
                assertThat(Math.abs(actual[i] - expected[i]))
                        .isLessThanOrEqualTo(4 * Math.ulp(expected[i]));
            }
            assertThat(conversion.config().convention()).isEqualTo(to);
        }
    }

    @Test
    void epsilonMovesIntoTheVariance() {
        Conversion conversion = Conversion.of(PYTORCH, statistics(1, 0.5), Convention.KERAS);
        assertThat(conversion.config().epsilon()).isEqualTo(1e-3);
        assertThat(Objects.requireNonNull(conversion.running()).variance())
                .containsExactly(1 + (1e-5 - 1e-3), 0.5 + (1e-5 - 1e-3));
        assertThat(knob(conversion, "epsilon").treatment()).isEqualTo(Treatment.RE_EXPRESSED);
        assertThat(reason(conversion, "epsilon")).contains("training");
    }

    @Test
    void epsilonStaysWhereAVarianceWouldBecomeNegative() {
        Conversion conversion = Conversion.of(PYTORCH, statistics(1, 0.5e-3), Convention.KERAS);
        assertThat(conversion.config().epsilon()).isEqualTo(1e-5);
        assertThat(Objects.requireNonNull(conversion.running()).variance())
                .containsExactly(1, 0.5e-3);
        assertThat(knob(conversion, "epsilon").treatment()).isEqualTo(Treatment.KEPT);
        assertThat(reason(conversion, "epsilon"))
                .contains("running_var[1] would have to become -0.00049", "set epsilon there");
        Conversion ofZero = Conversion.of(PYTORCH, statistics(1, 0), Convention.KERAS);
        assertThat(knob(ofZero, "epsilon").treatment()).isEqualTo(Treatment.KEPT);
    }

    @Test
    void epsilonMayTakeAVarianceDownTo0() {
        double all = -(PYTORCH.epsilon() - Convention.KERAS.config().epsilon());
        Conversion conversion = Conversion.of(PYTORCH, statistics(all), Convention.KERAS);
        assertThat(conversion.config().epsilon()).isEqualTo(1e-3);
        assertThat(Objects.requireNonNull(conversion.running()).variance()).containsExactly(0);
    }

    @Test
    void epsilonIsAChangeWhereThereIsNoVarianceToMoveItInto() {
        Conversion conversion = Conversion.of(PYTORCH, null, Convention.KERAS);
        assertThat(conversion.config().epsilon()).isEqualTo(1e-3);
        assertThat(knob(conversion, "epsilon").treatment()).isEqualTo(Treatment.CHANGED);
        assertThat(reason(conversion, "epsilon")).contains("the new epsilon");
    }

    @Test
    void epsilonStaysWhereTheBatchsVarianceIsBlendedIn() {
        Config blended = PYTORCH.with(new Variant(false, false, 0.5, null, null));
        Conversion conversion = Conversion.of(blended, statistics(1, 1), Convention.KERAS);
        assertThat(conversion.config().epsilon()).isEqualTo(1e-5);
        assertThat(reason(conversion, "epsilon")).contains("stays 1e-5", "blend");
        assertThat(knob(conversion, "statistics_blend").after()).isEqualTo("0.5");
    }

    @Test
    void momentumTurnsRoundAndABatchWeighsTheSame() {
        Config quarter = Configs.withMomentum(0.25);
        Conversion conversion = Conversion.of(quarter, null, Convention.KERAS);
        assertThat(conversion.config().momentum().value()).isEqualTo(0.75);
        assertThat(conversion.config().alpha(1)).isEqualTo(0.25);
        assertThat(conversion.notExact()).noneMatch(entry -> entry.what().equals("momentum"));
        Conversion back = Conversion.of(conversion.config(), null, Convention.PYTORCH);
        assertThat(back.config().momentum().value()).isEqualTo(0.25);
    }

    /// 0.1 has digits below those of 0.9.
    @Test
    void saysWhereNoOldWeightIsExact() {
        Conversion conversion = Conversion.of(PYTORCH, null, Convention.KERAS);
        assertThat(conversion.config().momentum().value()).isEqualTo(0.9);
        assertThat(reason(conversion, "momentum")).contains("0.09999999999999998");
        assertThat(Conversion.of(conversion.config(), null, Convention.PYTORCH).config().alpha(1))
                .isEqualTo(conversion.config().alpha(1));
    }

    @Test
    void aCumulativeAverageStaysOne() {
        Conversion conversion = Conversion.of(Configs.withMomentum(null), null, Convention.KERAS);
        assertThat(conversion.config().momentum().value()).isNull();
    }

    @ParameterizedTest
    @EnumSource
    void saysWhereThereIsNoCumulativeAverage(Convention to) {
        Conversion conversion = Conversion.of(Configs.withMomentum(null), statistics(1), to);
        assertThat(conversion.config().momentum().value()).isNull();
        boolean told =
                conversion.notExact().stream().anyMatch(entry -> entry.what().equals("momentum"));
        assertThat(told).isEqualTo(to != Convention.PYTORCH && to != Convention.CUDNN);
        if (told) {
            assertThat(reason(conversion, "momentum"))
                    .contains("null", "cumulative average", to.word());
        }
    }

    @Test
    void saysThatANegativeVarianceIsWhyEpsilonStays() {
        for (double negative : new double[] {-1, -5e-6}) {
            Conversion conversion =
                    Conversion.of(PYTORCH, statistics(1, negative), Convention.KERAS);
            assertThat(conversion.config().epsilon()).isEqualTo(1e-5);
            assertThat(Objects.requireNonNull(conversion.running()).variance())
                    .containsExactly(1, negative);
            assertThat(reason(conversion, "epsilon"))
                    .contains("running_var[1] is " + DecimalText.of(negative), "0 or more")
                    .doesNotContain("inference is;");
        }
    }

    @Test
    void epsilonMayLiftANegativeVariance() {
        Config keras = Convention.KERAS.config();
        Conversion conversion = Conversion.of(keras, statistics(-5e-4), Convention.PYTORCH);
        assertThat(conversion.config().epsilon()).isEqualTo(1e-5);
        assertThat(Objects.requireNonNull(conversion.running()).variance()[0])
                .isEqualTo(-5e-4 + (1e-3 - 1e-5));
    }

    /// Epsilon stays 1e-6, because a variance would become negative; the floor of the convention
    /// would raise it, and inference would differ.
    @Test
    void aFloorOfEpsilonDoesNotRaiseTheEpsilonThatStays() {
        Config config = PYTORCH.with(Knob.EPSILON, 1e-6);
        Conversion conversion = Conversion.of(config, statistics(0.5e-3), Convention.KERAS_2_FUSED);
        assertThat(conversion.config().epsilon()).isEqualTo(1e-6);
        assertThat(conversion.config().epsilonFloor()).isZero();
        assertThat(reason(conversion, "epsilon_floor"))
                .contains(DecimalText.of(1.001e-5), "stays 0.0");
    }

    @Test
    void aFloorOfEpsilonIsTakenOverWhereItRaisesNothing() {
        Conversion conversion = Conversion.of(PYTORCH, statistics(1), Convention.KERAS_2_FUSED);
        assertThat(conversion.config().epsilonFloor()).isEqualTo(1.001e-5);
        assertThat(conversion.notExact()).noneMatch(entry -> entry.what().equals("epsilon_floor"));
    }

    @Test
    void theWeightsOfADebiasedAverageAreTold() {
        Conversion to = Conversion.of(PYTORCH, statistics(1), Convention.HAIKU);
        assertThat(to.config().momentum().zeroDebias()).isTrue();
        assertThat(to.config().alpha(4)).isNotEqualTo(PYTORCH.alpha(4));
        assertThat(reason(to, "zero_debias")).contains("now has the weight (1 - d) / (1 - d^t)");
        Conversion from =
                Conversion.of(Convention.CAFFE.config(), statistics(1), Convention.PYTORCH);
        assertThat(reason(from, "zero_debias")).contains("now have the constant weight");
    }

    @Test
    void aFactorOfCudnnMayStayConstant() {
        Conversion conversion = Conversion.of(PYTORCH, statistics(1), Convention.CUDNN);
        assertThat(conversion.config().momentum().value()).isEqualTo(0.1);
        assertThat(conversion.notExact())
                .extracting(NotExact::what)
                .containsExactly("initial_running_var");
    }

    @Test
    void theSameTensorsFallIntoTheSameChannels() {
        Conversion conversion =
                Conversion.of(PYTORCH, statistics(1, 1), Convention.DEEP_LEARNING_FROM_SCRATCH);
        assertThat(conversion.config().channels().scope()).isEqualTo(Knob.ReductionScope.SPATIAL);
        assertThat(reason(conversion, "scope")).contains("per_activation", "same tensors");
        assertThat(reason(conversion, "initial_running_var")).contains("0.0 instead of 1.0");
        assertThat(reason(conversion, "running_variance")).contains("m / (m - 1)");
        assertThat(reason(conversion, "single_value")).contains("variance 0");
        assertThat(
                        reason(
                                Conversion.of(PYTORCH, statistics(1, 1), Convention.KERAS),
                                "channel_axis"))
                .contains("stays 1", "-1");
        assertThat(
                        reason(
                                Conversion.of(PYTORCH, statistics(1, 1), Convention.PURE_PYTHON),
                                "track_running_stats"))
                .contains("stays true");
    }

    @Test
    void toTheSameConventionNothingChanges() {
        for (Convention convention : Convention.values()) {
            Conversion conversion =
                    Conversion.of(convention.config(), statistics(1, 2), convention);
            assertThat(conversion.config()).isEqualTo(convention.config());
            assertThat(conversion.notExact()).isEmpty();
            assertThat(conversion.knobs())
                    .allMatch(knob -> knob.treatment() == Treatment.KEPT)
                    .allMatch(knob -> knob.before().equals(knob.after()));
        }
    }

    private double[] infer(
            double[] x, RunningStatistics running, Parameters parameters, Config config) {
        Tensor input = Tensor.of(Shape.of(10, 6), x);
        Tensor output = operator.output(operator.infer(input, running, parameters, config));
        return ((Tensor.Doubles) output).values();
    }

    private static KnobChange knob(Conversion conversion, String name) {
        return conversion.knobs().stream()
                .filter(knob -> knob.knob().equals(name))
                .findFirst()
                .orElseThrow();
    }

    private static String reason(Conversion conversion, String what) {
        return conversion.notExact().stream()
                .filter(entry -> entry.what().equals(what))
                .map(NotExact::why)
                .findFirst()
                .orElseThrow();
    }

    private static RunningStatistics statistics(double... variance) {
        return new RunningStatistics(new double[variance.length], variance, 3);
    }
}
