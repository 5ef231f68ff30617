package batchnorm.diagnosis;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import batchnorm.fixtures.RandomSeed;
import batchnorm.normalization.Folding.Position;
import batchnorm.normalization.InexactFold;
import batchnorm.normalization.LinearMap;
import batchnorm.normalization.LinearMap.Kind;
import batchnorm.normalization.ShapeMismatch;
import batchnorm.tensor.DataType;
import batchnorm.tensor.Shape;
import batchnorm.tensor.Tensor;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.List;
import java.util.Objects;
import java.util.Random;
import java.util.Set;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.MethodSource;

class FoldVerificationTest {
    private static final Set<FoldMistake> NOT_BEFORE = EnumSet.of(FoldMistake.BIAS_NOT_SCALED);
    private static final Set<FoldMistake> NOT_AFTER = EnumSet.of(FoldMistake.SHIFT_SCALED_TWICE);

    private final Random random = RandomSeed.random(1);

    private static FoldVerification verify(WrongFold fold, Tensor weight, Tensor bias) {
        return FoldVerification.of(fold.layer, fold.position, fold.map, weight, bias);
    }

    static Stream<Arguments> mistakes() {
        List<Arguments> all = new ArrayList<>();
        for (FoldMistake mistake : FoldMistake.values()) {
            for (Kind kind : Kind.values()) {
                for (Position position : Position.values()) {
                    boolean before = position == Position.BEFORE;
                    boolean second = before != (kind == Kind.CONV_TRANSPOSE);
                    boolean exists =
                            mistake != FoldMistake.UNKNOWN
                                    && !(before && kind == Kind.CONV_TRANSPOSE)
                                    && !(before ? NOT_BEFORE : NOT_AFTER).contains(mistake)
                                    && !(mistake == FoldMistake.GROUPS_IGNORED
                                            && (!second || kind == Kind.LINEAR));
                    if (exists) {
                        all.add(Arguments.of(mistake, kind, position));
                    }
                }
            }
        }
        return all.stream();
    }

    @ParameterizedTest
    @MethodSource("mistakes")
    void everyMistakeIsNamed(FoldMistake mistake, Kind kind, Position position) {
        for (int round = 0; round < 20; round++) {
            boolean grouped = kind != Kind.LINEAR && mistake != FoldMistake.WRONG_AXIS;
            boolean square = mistake == FoldMistake.WRONG_AXIS;
            WrongFold fold =
                    new WrongFold(
                            random,
                            kind,
                            position,
                            grouped && (mistake == FoldMistake.GROUPS_IGNORED || round % 2 == 0),
                            square);
            FoldVerification found = verify(fold, fold.weight(mistake), fold.bias(mistake));
            assertThat(found.mistakes()).as(fold.toString()).containsExactly(mistake);
            assertThat(found.exact()).isEqualTo(mistake == FoldMistake.NONE);
            assertThat(found.worst() == null).isEqualTo(mistake == FoldMistake.NONE);
        }
    }

    @ParameterizedTest
    @EnumSource
    void theMistakeIsNamedInEveryPrecision(DataType type) {
        WrongFold fold = new WrongFold(random, Kind.CONV, Position.AFTER, false, false);
        for (FoldMistake mistake :
                List.of(
                        FoldMistake.NONE,
                        FoldMistake.BIAS_NOT_SCALED,
                        FoldMistake.GAMMA_FORGOTTEN)) {
            FoldVerification found =
                    verify(
                            fold,
                            WrongFold.rounded(fold.weight(mistake), type),
                            WrongFold.rounded(fold.bias(mistake), type));
            assertThat(found.mistakes()).containsExactly(mistake);
            assertThat(found.precision()).isEqualTo(type.name());
        }
    }

    @Test
    void theOtherEpsilonIsFound() {
        WrongFold fold = new WrongFold(random, Kind.LINEAR, Position.AFTER, false, false);
        FoldVerification found =
                verify(
                        fold,
                        fold.weight(FoldMistake.EPSILON_OTHER),
                        fold.bias(FoldMistake.EPSILON_OTHER));
        assertThat(found.epsilon()).isCloseTo(3.7e-4, within(1e-9));
    }

    @Test
    void twoMistakesAreBothNamed() {
        WrongFold fold = new WrongFold(random, Kind.CONV, Position.AFTER, false, false);
        FoldVerification found =
                verify(
                        fold,
                        fold.weight(FoldMistake.GAMMA_FORGOTTEN),
                        fold.bias(FoldMistake.BIAS_NOT_SCALED));
        assertThat(found.mistakes())
                .containsExactly(FoldMistake.GAMMA_FORGOTTEN, FoldMistake.BIAS_NOT_SCALED);
    }

    /// `fuse_conv_bn_weights` of PyTorch in FP32: every operation rounds.
    @ParameterizedTest
    @CsvSource({"0.05, 3", "1e-6, 1e-4", "1e3, 1e6"})
    void arithmeticInFp32IsRight(double least, double most) {
        for (int round = 0; round < 200; round++) {
            int out = 1 + random.nextInt(6);
            int in = 1 + random.nextInt(6);
            Shape shape = Shape.of(out, in, 2);
            double[] mean = floats(random.doubles(out, -3, 3).toArray());
            double[] variance = floats(random.doubles(out, least, most).toArray());
            double[] gamma = floats(random.doubles(out, -2, 2).toArray());
            double[] beta = floats(random.doubles(out, -2, 2).toArray());
            double[] weight = floats(random.doubles(shape.elements(), -1, 1).toArray());
            double[] old = floats(random.doubles(out, -2, 2).toArray());
            double[] folded = new double[weight.length];
            double[] bias = new double[out];
            for (int c = 0; c < out; c++) {
                float inverse = 1f / (float) Math.sqrt((double) ((float) variance[c] + 1e-5f));
                float factor = (float) gamma[c] * inverse;
                for (int i = c * in * 2; i < (c + 1) * in * 2; i++) {
                    folded[i] = (float) weight[i] * factor;
                }
                float centered = (float) old[c] - (float) mean[c];
                bias[c] = centered * inverse * (float) gamma[c] + (float) beta[c];
            }
            FoldVerification found =
                    FoldVerification.of(
                            new BatchNorm(gamma, beta, mean, variance, 1e-5),
                            Position.AFTER,
                            new LinearMap(
                                    Kind.CONV,
                                    Tensor.of(shape, weight),
                                    Tensor.of(Shape.of(out), old),
                                    null,
                                    false),
                            Tensor.of(shape, folded),
                            Tensor.of(Shape.of(out), bias));
            assertThat(found.mistakes()).containsExactly(FoldMistake.NONE);
            assertThat(found.precision()).isEqualTo("FP32");
        }
    }

    private static double[] floats(double[] wide) {
        for (int i = 0; i < wide.length; i++) {
            wide[i] = (float) wide[i];
        }
        return wide;
    }

    @Test
    void oneWrongNumberIsUnknownAndItsPlaceIsNamed() {
        WrongFold fold = new WrongFold(random, Kind.LINEAR, Position.AFTER, false, false);
        double[] weight = fold.weight(FoldMistake.NONE).toDoubles().clone();
        weight[1] += 0.5;
        FoldVerification found =
                verify(
                        fold,
                        Tensor.of(fold.map.weight().shape(), weight),
                        fold.bias(FoldMistake.NONE));
        assertThat(found.mistakes()).containsExactly(FoldMistake.UNKNOWN);
        assertThat(found.maxError()).isCloseTo(0.5, within(1e-12));
        Finding.Place worst = Objects.requireNonNull(found.worst());
        assertThat(worst.tensor()).isEqualTo("folded_weight");
        assertThat(worst.index()).containsExactly(0, 1);
    }

    @Test
    void notANumberIsNoFold() {
        WrongFold fold = new WrongFold(random, Kind.LINEAR, Position.AFTER, false, false);
        double[] bias = fold.bias(FoldMistake.NONE).toDoubles().clone();
        bias[0] = Double.NaN;
        FoldVerification found =
                verify(fold, fold.weight(FoldMistake.NONE), Tensor.of(Shape.of(bias.length), bias));
        assertThat(found.exact()).isFalse();
        assertThat(found.maxError()).isInfinite();
    }

    @Test
    void whatCannotBeComparedIsRefused() {
        WrongFold fold = new WrongFold(random, Kind.CONV, Position.AFTER, false, false);
        Tensor weight = fold.weight(FoldMistake.NONE);
        assertThatThrownBy(() -> verify(fold, weight, Tensor.of(Shape.of(1), 0.0)))
                .isInstanceOf(ShapeMismatch.class)
                .hasMessageContaining("folded_bias");
        LinearMap transposed =
                new LinearMap(
                        Kind.CONV_TRANSPOSE, Tensor.of(Shape.of(1, 1, 1), 1.0), null, null, false);
        BatchNorm layer =
                new BatchNorm(
                        new double[] {1},
                        new double[] {0},
                        new double[] {0},
                        new double[] {1},
                        1e-5);
        assertThatThrownBy(() ->
                        FoldVerification.of(
                                layer,
                                Position.BEFORE,
                                transposed,
                                Tensor.of(Shape.of(1, 1, 1), 1.0),
                                Tensor.of(Shape.of(1), 0.0)))
                .isInstanceOf(InexactFold.class);
    }
}
