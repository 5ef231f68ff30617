package batchnorm.normalization;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import batchnorm.fixtures.Configs;
import batchnorm.fixtures.RandomSeed;
import batchnorm.kernel.Kernel;
import batchnorm.tensor.Shape;
import batchnorm.tensor.Tensor;
import java.math.BigDecimal;
import java.math.MathContext;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/// Merges moments and compares with the definition of mean and M2 in 100-digit arithmetic.
class MomentsTest {
    private static final MathContext DIGITS = new MathContext(100);

    /// The means are up to 10^6 deviations from 0, where a naive merge loses half of its digits.
    @ParameterizedTest
    @ValueSource(doubles = {0, 1, 1e6, 1e12})
    void areThoseOfAllTheValuesHoweverThePartsAreOrdered(double offset) {
        Random random = RandomSeed.random(1);
        List<Moments> parts = new ArrayList<>();
        for (int i = 0; i < 57; i++) {
            parts.add(part(random, offset));
        }
        Exact exact = Exact.of(parts);
        for (int order = 0; order < 50; order++) {
            Moments merged = Moments.merge(parts);
            assertThat(merged.count()).isEqualTo(exact.count());
            assertThat(Math.abs(merged.mean()[0] - exact.mean()))
                    .as("1 ulp, and 2⁻⁹⁰ of the largest mean")
                    .isLessThanOrEqualTo(Math.ulp(exact.mean()) + offset * 0x1p-90);
            assertThat(merged.m2()[0])
                    .isBetween(Math.nextDown(exact.m2()), Math.nextUp(exact.m2()));
            Collections.shuffle(parts, random);
        }
    }

    private static Moments part(Random random, double offset) {
        int count = random.nextInt(5) == 0 ? 0 : 1 + random.nextInt(1_000_000);
        if (count == 0) {
            return Moments.of(0, new double[1], new double[1]);
        }
        double[] mean = {offset + random.nextGaussian()};
        double[] m2 = {count == 1 ? 0 : count * random.nextDouble()};
        return Moments.of(count, mean, m2);
    }

    @Test
    void ofShardsAreThoseOfTheWholeBatch() {
        Random random = RandomSeed.random(1);
        BatchNormalization operator = new BatchNormalization(Kernel.fastest());
        Config config = Convention.PYTORCH.config();
        double[] values = random.doubles(700 * 3, 1e6, 1e6 + 1).toArray();
        Moments whole = operator.moments(Tensor.of(Shape.of(700, 3), values), config);
        List<Moments> shards = new ArrayList<>();
        int from = 0;
        for (int rows : new int[] {1, 0, 255, 400, 44}) {
            double[] shard = Arrays.copyOfRange(values, from * 3, (from + rows) * 3);
            shards.add(operator.moments(Tensor.of(Shape.of(rows, 3), shard), config));
            from += rows;
        }
        Moments merged = Moments.merge(shards);
        assertThat(merged.count()).isEqualTo(700);
        for (int c = 0; c < 3; c++) {
            // Each shard's M2 has the error of its own summation, some ulps of 700 terms.
            assertThat(Math.abs(merged.mean()[c] / whole.mean()[c] - 1)).isLessThan(1e-15);
            assertThat(Math.abs(merged.m2()[c] / whole.m2()[c] - 1)).isLessThan(1e-13);
        }
    }

    @Test
    void ofOnePartAreItsOwn() {
        Moments part = Moments.of(3, new double[] {0.1, -7}, new double[] {1e-300, 5});
        Moments merged = Moments.merge(List.of(part));
        assertThat(merged.mean()).containsExactly(part.mean());
        assertThat(merged.m2()).containsExactly(part.m2());
        assertThat(merged.isEmpty()).isFalse();
    }

    /// A mean of 1/3, in halves with intermediate rounding.
    @Test
    void keepWhatRoundingLeavesOfAMean() {
        Moments one = Moments.of(1, new double[] {1}, new double[1]);
        Moments zeros = Moments.of(2, new double[1], new double[1]);
        MergedMoments third = MergedMoments.of(one).plus(MergedMoments.of(zeros));
        assertThat(third.count()).isEqualTo(3);
        assertThat(third.channels()).isEqualTo(1);
        Moments rounded = third.rounded();
        BigDecimal kept = new BigDecimal(rounded.mean()[0]).add(new BigDecimal(rounded.rest()[0]));
        BigDecimal exact = BigDecimal.ONE.divide(BigDecimal.valueOf(3), DIGITS);
        assertThat(kept.subtract(exact).abs().doubleValue()).isLessThan(0x1p-100);
    }

    @Test
    void thatAreNotFiniteAreMergedAsTheyAre() {
        Config config = Configs.propagating();
        BatchNormalization operator = new BatchNormalization(Kernel.fastest());
        Tensor input = Tensor.of(Shape.of(2, 2), Double.NaN, 1, 2, 3);
        Moments part = operator.moments(input, config);
        Moments merged = Moments.merge(List.of(part, part));
        assertThat(merged.mean()[0]).isNaN();
        assertThat(merged.mean()[1]).isEqualTo(2);
    }

    @Test
    void ofEqualConstantsAreExactlyTheConstant() {
        Moments part = Moments.of(3, new double[] {0.1}, new double[] {0});
        Moments merged = Moments.merge(Collections.nCopies(7, part));
        assertThat(merged.mean()).containsExactly(0.1);
        assertThat(merged.m2()).containsExactly(0);
    }

    @Test
    void ofNothingAreZeros() {
        Moments none = Moments.of(0, new double[2], new double[2]);
        Moments merged = Moments.merge(List.of(none, none));
        assertThat(merged.isEmpty()).isTrue();
        assertThat(merged.variance()).containsExactly(0, 0);
    }

    @Test
    void thatOverflowAreRefused() {
        Moments high = Moments.of(2, new double[] {1.7e308}, new double[] {0});
        Moments low = Moments.of(2, new double[] {-1.7e308}, new double[] {0});
        assertThatThrownBy(() -> Moments.merge(List.of(high, low)))
                .isInstanceOf(NonFiniteResult.class)
                .hasMessageContaining("channel 0");
    }

    @Test
    void thatNoValuesHaveAreRefusedByField() {
        refuses("count", -1, new double[1], new double[1]);
        refuses("count", Moments.MAX_COUNT + 1, new double[1], new double[1]);
        refuses("m2", 3, new double[2], new double[1]);
        refuses("m2", 3, new double[0], new double[0]);
        refuses("m2", 3, new double[1], new double[] {-1e-9});
        refuses("m2", 3, new double[1], new double[] {Double.POSITIVE_INFINITY});
        refuses("mean", 3, new double[] {Double.NaN}, new double[1]);
        refuses("m2", 1, new double[] {5}, new double[] {1});
        refuses("mean", 0, new double[] {5}, new double[1]);
    }

    @Test
    void ofTwoValuesMaySpread() {
        assertThat(Moments.of(2, new double[] {1}, new double[] {8}).variance()).containsExactly(4);
    }

    @Test
    void areRefusedWhereTheyStandAndWithTheRemedy() {
        assertThatThrownBy(() -> Moments.of(1, new double[] {5}, new double[] {1}))
                .hasMessage("count is 1, so m2[0] must be 0");
        assertThatThrownBy(() -> Moments.of(0, new double[] {5}, new double[1]))
                .hasMessage("count is 0, so m2[0] must be 0 and mean[0] too");
        InvalidMoments placed = new InvalidMoments("m2", "m2[0] is NaN").at("parts[2]");
        assertThat(placed.field()).isEqualTo("parts[2].m2");
        assertThat(placed).hasMessage("parts[2].m2[0] is NaN");
    }

    private static void refuses(String field, long count, double[] mean, double[] m2) {
        assertThatThrownBy(() -> Moments.of(count, mean, m2))
                .isInstanceOfSatisfying(
                        InvalidMoments.class, e -> assertThat(e.field()).isEqualTo(field));
    }

    @Test
    void ofOtherChannelsOrTooManyValuesAreNotMerged() {
        Moments one = Moments.of(Moments.MAX_COUNT, new double[1], new double[1]);
        Moments rest = Moments.of(Moments.MAX_COUNT - 1, new double[1], new double[1]);
        Moments last = Moments.of(1, new double[1], new double[1]);
        Moments two = Moments.of(1, new double[2], new double[2]);
        assertThat(Moments.merge(List.of(rest, last)).count()).isEqualTo(Moments.MAX_COUNT);
        assertThatThrownBy(() -> Moments.merge(List.of(one, two)))
                .isInstanceOf(ShapeMismatch.class);
        assertThatThrownBy(() -> Moments.merge(List.of(one, one)))
                .isInstanceOf(InvalidMoments.class);
    }

    /// Mean and M2 of the union by `M2 = Σ M2ᵢ + Σ nᵢ·meanᵢ² - n·mean²`; 100 digits absorb its
    /// cancellation.
    private record Exact(long count, double mean, double m2) {
        static Exact of(List<Moments> parts) {
            BigDecimal count = BigDecimal.ZERO;
            BigDecimal sum = BigDecimal.ZERO;
            BigDecimal squares = BigDecimal.ZERO;
            for (Moments part : parts) {
                BigDecimal n = BigDecimal.valueOf(part.count());
                BigDecimal mean = new BigDecimal(part.mean()[0]);
                count = count.add(n);
                sum = sum.add(n.multiply(mean));
                squares = squares.add(n.multiply(mean.pow(2))).add(new BigDecimal(part.m2()[0]));
            }
            BigDecimal mean = sum.divide(count, DIGITS);
            BigDecimal m2 = squares.subtract(sum.multiply(mean));
            return new Exact(count.longValueExact(), mean.doubleValue(), m2.doubleValue());
        }
    }
}
