package batchnorm.diagnosis;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import batchnorm.fixtures.RandomSeed;
import batchnorm.kernel.Kernel;
import batchnorm.normalization.BatchNormalization;
import batchnorm.normalization.Config;
import batchnorm.normalization.Convention;
import batchnorm.normalization.ForwardPass.Mode;
import batchnorm.normalization.NonFiniteValue;
import batchnorm.normalization.Parameters;
import batchnorm.normalization.ShapeMismatch;
import batchnorm.tensor.DataType;
import batchnorm.tensor.Shape;
import batchnorm.tensor.Tensor;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Objects;
import java.util.Random;
import java.util.function.DoubleUnaryOperator;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;

/// Names the causes of wrong numbers, and finds no fault in right ones.
class DiagnosisTest {
    private static final int BATCHES = 6;
    private static final double FIRST_SHARE = 0.98;

    @Test
    void theTableHasAtLeast60WrongImplementations() {
        assertThat(WrongImplementation.all()).hasSizeGreaterThanOrEqualTo(60);
    }

    @Test
    void theTrueCauseComesFirstOrIsAmongTheIndistinguishable() {
        Random random = RandomSeed.random(23);
        List<String> missed = new ArrayList<>();
        List<String> notFirst = new ArrayList<>();
        int told = 0;
        for (WrongImplementation wrong : WrongImplementation.all()) {
            for (int i = 0; i < BATCHES; i++) {
                Batch batch = new Batch(random);
                wrong.run().accept(batch);
                Diagnosis diagnosis = Diagnosis.of(batch.evidence());
                Finding first = first(diagnosis, wrong.aspect());
                String report = wrong + " " + batch.shape + ": " + first.what();
                if (isAmbiguous(diagnosis, wrong)) {
                    continue;
                }
                told++;
                if (!wrong.isCause(first.mistake())) {
                    notFirst.add(report);
                    if (diagnosis.findings().stream()
                            .noneMatch(each -> wrong.isCause(each.mistake()))) {
                        missed.add(report);
                    }
                }
            }
        }
        assertThat(missed).isEmpty();
        assertThat(notFirst).hasSizeLessThanOrEqualTo((int) ((1 - FIRST_SHARE) * told));
        assertThat(told).isGreaterThan(WrongImplementation.all().size() * BATCHES / 2);
    }

    private static boolean isAmbiguous(Diagnosis diagnosis, WrongImplementation wrong) {
        return diagnosis.indistinguishable().stream()
                .anyMatch(set ->
                        wrong.causes().stream().anyMatch(cause -> set.contains(cause.word())));
    }

    @Test
    void anImplementationInFp32IsDiagnosedByTheSameNames() {
        Random random = RandomSeed.random(24);
        List<String> missed = new ArrayList<>();
        for (WrongImplementation wrong : WrongImplementation.all()) {
            if (wrong.name().contains("eps") || wrong.aspect() == Aspect.BACKWARD) {
                continue; // FP32 does not show an epsilon of 1e-5 beside every variance
            }
            Batch batch = new Batch(random);
            wrong.run().accept(batch);
            Diagnosis diagnosis = Diagnosis.of(batch.inFloats());
            Finding first = first(diagnosis, wrong.aspect());
            if (!wrong.isCause(first.mistake()) && !isAmbiguous(diagnosis, wrong)) {
                missed.add(wrong + ": " + first.what());
            }
        }
        assertThat(missed).isEmpty();
    }

    @ParameterizedTest
    @EnumSource
    void noRightImplementationOfAConventionGetsAMistake(Convention convention) {
        Random random = RandomSeed.random(25);
        for (boolean named : new boolean[] {false, true}) {
            for (Shape shape :
                    List.of(
                            Shape.of(2, 3),
                            Shape.of(5, 4),
                            Shape.of(3, 4, 5),
                            Shape.of(2, 3, 4, 5))) {
                RightImplementation right = new RightImplementation(convention, shape, random);
                for (Mode mode : Mode.values()) {
                    Diagnosis diagnosis = Diagnosis.of(right.evidence(mode, named));
                    assertThat(diagnosis.findings())
                            .as("%s %s %s: %s", shape, mode, named, diagnosis.verdict())
                            .hasSizeGreaterThanOrEqualTo(2)
                            .allSatisfy(finding -> assertThat(finding.mistake()).isNull())
                            .allSatisfy(finding -> assertThat(finding.fits()).isTrue());
                }
            }
        }
    }

    /// Its weight depends on the batches before, which the evidence does not have.
    @Test
    void aLaterStepOfADebiasedAverageIsRight() {
        RightImplementation right =
                new RightImplementation(Convention.HAIKU, Shape.of(6, 3), RandomSeed.random(28), 4);
        Finding finding =
                first(Diagnosis.of(right.evidence(Mode.TRAIN, false)), Aspect.RUNNING_UPDATE);
        assertThat(finding.mistake()).isNull();
        assertThat(finding.fits()).isTrue();
        assertThat(finding.alpha()).isCloseTo(Convention.HAIKU.config().alpha(5), within(1e-12));
    }

    @Test
    void theConventionIsNamedWhereTheDataShowsIt() {
        Random random = RandomSeed.random(26);
        Shape shape = Shape.of(4, 3, 5);
        for (Convention convention : List.of(Convention.PYTORCH, Convention.KERAS)) {
            RightImplementation right = new RightImplementation(convention, shape, random);
            assertThat(Diagnosis.of(right.evidence(Mode.TRAIN, false)).findings())
                    .allSatisfy(finding -> assertThat(finding.convention()).isEqualTo(convention));
        }
    }

    @ParameterizedTest
    @CsvSource({"2, 1", "3, 1", "2, 2", "1000, 3"})
    void worksFromTwoRowsOfOneChannel(int rows, int channels) {
        Batch batch = new Batch(RandomSeed.random(27), Shape.of(rows, channels));
        WrongImplementation.rightForward(batch);
        WrongImplementation.rightUpdate(batch);
        WrongImplementation.rightBackward(batch);
        assertThat(Diagnosis.of(batch.evidence()).findings())
                .hasSize(3)
                .allSatisfy(finding -> assertThat(finding.mistake()).isNull());
    }

    @Test
    void findsTheEpsilonThatFits() {
        for (double epsilon : new double[] {1e-3, 2e-4, 0.05, 1e-8}) {
            Batch batch = new Batch(RandomSeed.random(28), Shape.of(6, 4));
            batch.epsilon = epsilon;
            WrongImplementation.rightForward(batch);
            batch.epsilon = 1e-5;
            Finding finding = first(Diagnosis.of(batch.evidence()), Aspect.FORWARD);
            assertThat(finding.mistake()).isEqualTo(Mistake.EPSILON_OTHER);
            assertThat(finding.epsilon()).isEqualTo(epsilon);
        }
    }

    @Test
    void findsTheWeightOfAMomentumThatIsNotGiven() {
        Batch batch = new Batch(RandomSeed.random(29), Shape.of(6, 4));
        batch.withMomentum = false;
        batch.update(
                c -> batch.meanBefore[c] + (batch.mean(c) - batch.meanBefore[c]) / 7,
                c -> batch.varBefore[c] + (batch.unbiased(c) - batch.varBefore[c]) / 7);
        Finding finding = first(Diagnosis.of(batch.evidence()), Aspect.RUNNING_UPDATE);
        assertThat(finding.mistake()).isNull();
        assertThat(finding.alpha()).isEqualTo(1.0 / 7);
    }

    @ParameterizedTest
    @EnumSource(value = DataType.class, names = "FP64", mode = EnumSource.Mode.EXCLUDE)
    void recognizesTheRoundingOfTheOutput(DataType type) {
        Batch batch = new Batch(RandomSeed.random(30), Shape.of(8, 4));
        WrongImplementation.rightForward(batch);
        Finding right = first(rounded(batch, type::narrow), Aspect.FORWARD);
        assertThat(right.mistake()).isNull();
        assertThat(right.precision()).isEqualTo(type.name());

        batch.each(i -> batch.xhat(i) + batch.beta[batch.channel(i)]);
        assertThat(first(rounded(batch, type::narrow), Aspect.FORWARD).mistake())
                .isEqualTo(Mistake.GAMMA_MISSING);
    }

    @Test
    void recognizesPrintedNumbers() {
        Batch batch = new Batch(RandomSeed.random(31), Shape.of(8, 4));
        for (int i = 0; i < batch.x.length; i++) {
            batch.x[i] *= 10;
        }
        batch.forget();
        WrongImplementation.rightForward(batch);
        Diagnosis diagnosis = rounded(batch, value -> Math.rint(value * 1e4) / 1e4);
        assertThat(first(diagnosis, Aspect.FORWARD).mistake()).isNull();
        assertThat(first(diagnosis, Aspect.FORWARD).precision()).isEqualTo("4 decimals");
        assertThat(diagnosis.indistinguishable().getFirst()).contains("pytorch", "epsilon-missing");
        assertThat(diagnosis.contrasts().getFirst()).contains("FP64");
    }

    private static Diagnosis rounded(Batch batch, DoubleUnaryOperator rounding) {
        double[] exact = batch.output();
        batch.y = Arrays.stream(exact).map(rounding).toArray();
        Diagnosis diagnosis = Diagnosis.of(batch.evidence());
        batch.y = exact;
        return diagnosis;
    }

    @ParameterizedTest
    @CsvSource({"300, true", "3e6, false"})
    void recognizesCancellation(double center, boolean inFloats) {
        Batch batch = new Batch(RandomSeed.random(32), Shape.of(64, 3));
        for (int i = 0; i < batch.x.length; i++) {
            batch.x[i] = inFloats ? (float) (center + batch.x[i]) : center + batch.x[i];
        }
        batch.forget();
        batch.each(i -> {
            int c = batch.channel(i);
            double squares = batch.sum(c, j -> batch.x[j] * batch.x[j]);
            double mean = batch.mean(c);
            double var =
                    inFloats
                            ? (float) (squares / 64) - (float) (mean * mean)
                            : squares / 64 - mean * mean;
            double xhat = (batch.x[i] - mean) / Math.sqrt(Math.max(var, 0) + 1e-5);
            return batch.gamma[c] * xhat + batch.beta[c];
        });
        Evidence evidence = inFloats ? batch.inFloats() : batch.evidence();
        assertThat(first(Diagnosis.of(evidence), Aspect.FORWARD).mistake())
                .isEqualTo(Mistake.CANCELLATION);
    }

    @Test
    void aCarefulImplementationFarFromZeroIsRight() {
        Batch batch = new Batch(RandomSeed.random(33), Shape.of(64, 3));
        for (int i = 0; i < batch.x.length; i++) {
            batch.x[i] += 3e6;
        }
        batch.forget();
        WrongImplementation.rightForward(batch);
        assertThat(first(Diagnosis.of(batch.evidence()), Aspect.FORWARD).mistake()).isNull();
    }

    @Test
    void namesTheAxesAndTheNormalization() {
        Batch batch = new Batch(RandomSeed.random(34), Shape.of(3, 4, 5));
        WrongImplementation layerNorm =
                WrongImplementation.all().stream()
                        .filter(each -> each.name().equals("layer norm"))
                        .findFirst()
                        .orElseThrow();
        layerNorm.run().accept(batch);
        Finding finding = first(Diagnosis.of(batch.evidence()), Aspect.FORWARD);
        assertThat(finding.axes()).containsExactly(1, 2);
        assertThat(finding.what()).contains("layer normalization");
    }

    @Test
    void pointsAtTheNumberThatDiffersMost() {
        Batch batch = new Batch(RandomSeed.random(35), Shape.of(5, 3));
        WrongImplementation.rightForward(batch);
        double right = batch.output()[7];
        batch.output()[7] += 0.5;
        Finding finding = first(Diagnosis.of(batch.evidence()), Aspect.FORWARD);
        assertThat(finding.mistake()).isEqualTo(Mistake.UNKNOWN);
        assertThat(finding.fits()).isFalse();
        Finding.Place worst = Objects.requireNonNull(finding.worst());
        assertThat(worst.index()).containsExactly(2, 1);
        assertThat(worst.expected()).isCloseTo(right, within(1e-14));
    }

    @Test
    void aMillionElementsAreDiagnosedToo() {
        Shape shape = Shape.of(1000, 1000);
        double[] x = RandomSeed.random(36).doubles(shape.elements(), -1, 2).toArray();
        Tensor input = Tensor.of(shape, x);
        BatchNormalization operator = new BatchNormalization(Kernel.fastest());
        Config config = Convention.ONNX.config();
        Tensor output =
                operator.output(
                        operator.train(
                                input,
                                operator.statistics(input, config),
                                new Parameters(null, null),
                                config));
        assertThat(first(Diagnosis.of(evidence(input, output, null)), Aspect.FORWARD).mistake())
                .isNull();
    }

    @Test
    void evidenceThatCannotBeComparedIsRejectedWithItsPlace() {
        Batch batch = new Batch(RandomSeed.random(38), Shape.of(4, 3));
        WrongImplementation.rightForward(batch);
        batch.output()[4] = Double.NaN;
        assertThatThrownBy(batch::evidence)
                .isInstanceOf(NonFiniteValue.class)
                .hasMessageStartingWith("output[1][1] is NaN");
        Tensor input = Tensor.of(Shape.of(2, 3), new double[6]);
        assertThatThrownBy(() -> Diagnosis.of(evidence(input, input, new double[5])))
                .isInstanceOf(ShapeMismatch.class)
                .hasMessageContaining("gamma has 5 numbers")
                .hasMessageContaining("[2, 3]");
    }

    @SuppressWarnings("NullAway") // it does not read annotated arrays of compiled records
    private static Evidence evidence(Tensor input, Tensor output, double @Nullable [] gamma) {
        return new Evidence(
                input, null, output, gamma, null, null, null, null, null, null, null, null, null,
                null, null, null, null);
    }

    private static Finding first(Diagnosis diagnosis, Aspect aspect) {
        return diagnosis.findings().stream()
                .filter(finding -> finding.aspect() == aspect)
                .findFirst()
                .orElseThrow();
    }
}
