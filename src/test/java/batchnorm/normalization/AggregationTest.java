package batchnorm.normalization;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import batchnorm.fixtures.RandomSeed;
import batchnorm.normalization.Aggregation.CounterPolicy;
import batchnorm.normalization.Aggregation.ParameterPolicy;
import batchnorm.normalization.Aggregation.Result;
import batchnorm.normalization.Aggregation.Source;
import batchnorm.normalization.Aggregation.StatisticsPolicy;
import java.math.BigDecimal;
import java.math.MathContext;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.Objects;
import java.util.Random;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

/// Compares aggregates with their definition in 50-digit arithmetic.
class AggregationTest {
    private static final MathContext DIGITS = new MathContext(50);
    private static final Aggregation POOLED = with(StatisticsPolicy.POOLED);

    /// The means are up to 10^8 deviations from 0, where `Σw·mean²/W - mean²` has no digit left.
    @ParameterizedTest
    @ValueSource(doubles = {0, 1, 1e4, 1e8, -1e8})
    void isWithinOneUlpOfTheExactValueInAnyOrderOfTheSources(double conditioning) {
        Random random = RandomSeed.random(1);
        for (int round = 0; round < 40; round++) {
            double scale = Math.pow(10, random.nextInt(-100, 100));
            List<Source> sources = sources(random, 1 + random.nextInt(30), conditioning, scale);
            BigDecimal mean = mean(sources, Source::mean);
            double largest = (Math.abs(conditioning) + 10) * scale;
            for (int order = 0; order < 5; order++) {
                Result pooled = POOLED.of(sources);
                assertWithin(first(pooled.mean()), mean, largest);
                assertWithin(first(pooled.variance()), variance(sources, mean), 0);
                Result means = with(StatisticsPolicy.MEAN_OF_VARIANCES).of(sources);
                assertWithin(first(means.variance()), mean(sources, Source::variance), 0);
                assertThat(means.mean()).containsExactly(pooled.mean());
                assertWithin(first(pooled.gamma()), mean(sources, Source::gamma), 10);
                assertWithin(first(pooled.beta()), mean(sources, Source::beta), 10);
                Collections.shuffle(sources, random);
            }
        }
    }

    private static void assertWithin(double actual, BigDecimal exact, double largest) {
        BigDecimal error = new BigDecimal(actual).subtract(exact).abs();
        assertThat(error.doubleValue())
                .as("%s is within 1 ulp of %s, and 2⁻⁹⁰ of the largest", actual, exact)
                .isLessThanOrEqualTo(Math.ulp(exact.doubleValue()) + largest * 0x1p-90);
    }

    private static List<Source> sources(
            Random random, int count, double conditioning, double scale) {
        List<Source> sources = new ArrayList<>();
        for (int i = 0; i < count; i++) {
            double deviation = scale * random.nextDouble(0.5, 2);
            double mean = scale * (conditioning + random.nextGaussian());
            double weight = random.nextInt(5) == 0 ? 0 : Math.pow(10, random.nextInt(-8, 9));
            sources.add(
                    source(
                            i == 0 ? 1 : weight * random.nextDouble(),
                            new double[] {mean},
                            new double[] {deviation * deviation},
                            random.nextGaussian(),
                            (long) i));
        }
        return sources;
    }

    private static BigDecimal mean(
            List<Source> sources, Function<Source, double @Nullable []> vector) {
        BigDecimal sum = BigDecimal.ZERO;
        for (Source source : sources) {
            sum = sum.add(weight(source).multiply(new BigDecimal(first(vector.apply(source)))));
        }
        return sum.divide(total(sources), DIGITS);
    }

    private static double first(double @Nullable [] vector) {
        return Objects.requireNonNull(vector)[0];
    }

    private static BigDecimal variance(List<Source> sources, BigDecimal mean) {
        BigDecimal sum = BigDecimal.ZERO;
        for (Source source : sources) {
            BigDecimal deviation = new BigDecimal(first(source.mean())).subtract(mean);
            BigDecimal spread =
                    new BigDecimal(first(source.variance())).add(deviation.multiply(deviation));
            sum = sum.add(weight(source).multiply(spread));
        }
        return sum.divide(total(sources), DIGITS);
    }

    private static BigDecimal total(List<Source> sources) {
        return sources.stream()
                .map(AggregationTest::weight)
                .reduce(BigDecimal.ZERO, BigDecimal::add);
    }

    private static BigDecimal weight(Source source) {
        return new BigDecimal(source.weight());
    }

    /// Differences that cancel, subnormal numbers, and weights of every size.
    @Test
    void hasNoNegativeVariance() {
        Random random = RandomSeed.random(1);
        double[] sizes = {0, Double.MIN_VALUE, 1e-310, 1e-160, 1, 1e8};
        for (int round = 0; round < 5000; round++) {
            List<Source> sources = new ArrayList<>();
            for (int i = 0; i < 1 + random.nextInt(4); i++) {
                double[] mean = {any(sizes, random) * (random.nextBoolean() ? 1 : -1)};
                double[] variance = {any(sizes, random)};
                double weight = i == 0 ? 1e-300 : any(sizes, random);
                sources.add(source(weight, mean, variance, 1, 0L));
            }
            for (StatisticsPolicy policy : StatisticsPolicy.values()) {
                double[] variance = with(policy).of(sources).variance();
                assertThat(variance == null || variance[0] >= 0).as(sources.toString()).isTrue();
            }
        }
    }

    private static double any(double[] values, Random random) {
        return values[random.nextInt(values.length)];
    }

    @Test
    void ofOneSourceOrOfEqualOnesIsTheSource() {
        Source source = source(3, new double[] {0.1}, new double[] {0.7}, 0.3, 5L);
        for (List<Source> sources : List.of(List.of(source), Collections.nCopies(7, source))) {
            Result result = POOLED.of(sources);
            assertThat(result.mean()).containsExactly(0.1);
            assertThat(result.variance()).containsExactly(0.7);
            assertThat(result.gamma()).containsExactly(0.3);
        }
    }

    @Test
    void includesTheSpreadOfTheMeansOnlyWhenPooled() {
        List<Source> sources =
                List.of(
                        source(3, new double[] {0}, new double[] {1}, 1, 1L),
                        source(1, new double[] {4}, new double[] {5}, 1, 1L));
        assertThat(POOLED.of(sources).variance()).containsExactly(2 + 3);
        assertThat(with(StatisticsPolicy.MEAN_OF_VARIANCES).of(sources).variance())
                .containsExactly(2);
    }

    @Test
    void takesTheLargestSourceAndOfEqualOnesTheMostTrained() {
        Aggregation largest = with(StatisticsPolicy.STATISTICS_OF_LARGEST);
        Source first = source(1, new double[] {1}, new double[] {10}, 1, 5L);
        Source trained = source(1, new double[] {2}, new double[] {20}, 1, 6L);
        Source heavy = source(2, new double[] {3}, new double[] {30}, 1, 0L);
        assertThat(largest.of(List.of(first, trained)).variance()).containsExactly(20);
        assertThat(largest.of(List.of(first, trained, heavy)).mean()).containsExactly(3);
        assertThat(largest.of(List.of(first, first)).mean()).containsExactly(1);
    }

    @Test
    void keepsWhatNoSourceHas() {
        Source bare = new Source("parts[0]", "parts[0]", 1, null, null, vector(1), vector(1), null);
        Result result = POOLED.of(List.of(bare));
        assertThat(result.gamma()).isNull();
        assertThat(result.beta()).isNull();
        assertThat(result.batches()).isNull();
        assertThat(result.mean()).containsExactly(1);
    }

    @Test
    void namesWhatOnlySomeSourcesHave() {
        Source whole = source(1, vector(1), vector(1), 1, 1L);
        Source bare = new Source("parts[1]", "parts[1]", 1, null, null, vector(1), vector(1), null);
        assertThatThrownBy(() -> POOLED.of(List.of(whole, bare)))
                .isInstanceOf(InvalidConfig.class)
                .hasMessageContaining("parts[1] has no gamma");
        Aggregation counted =
                new Aggregation(StatisticsPolicy.POOLED, ParameterPolicy.KEEP, CounterPolicy.MAX);
        assertThatThrownBy(() -> counted.of(List.of(whole, bare)))
                .isInstanceOf(InvalidConfig.class)
                .hasMessageContaining("parts[1] has no num_batches_tracked");
    }

    @ParameterizedTest
    @EnumSource(CounterPolicy.class)
    void keepsCountersWhole(CounterPolicy policy) {
        Aggregation rules =
                new Aggregation(StatisticsPolicy.POOLED, ParameterPolicy.AVERAGE, policy);
        List<Source> sources =
                List.of(
                        source(1, vector(1), vector(1), 1, (1L << 53) + 1),
                        source(1, vector(1), vector(1), 1, 2L));
        assertThat(rules.of(sources).batches())
                .isEqualTo(
                        switch (policy) {
                            case SUM -> (1L << 53) + 3;
                            case MAX -> (1L << 53) + 1;
                            case KEEP -> null;
                        });
    }

    @Test
    void rejectsCountersThatOverflow() {
        Source source = source(1, vector(1), vector(1), 1, Long.MAX_VALUE);
        assertThatThrownBy(() -> POOLED.of(List.of(source, source)))
                .isInstanceOf(InvalidConfig.class)
                .hasMessageContaining("add up to more than 9223372036854775807");
    }

    @Test
    void namesTheFirstNumberThatIsNotFinite() {
        Source bad = source(1, new double[] {1, 2}, new double[] {1, Double.NaN}, 1, 0L);
        assertThatThrownBy(() -> POOLED.of(List.of(bad)))
                .isInstanceOf(NonFiniteValue.class)
                .hasMessageContaining("source: running_var[1] is NaN");
        Source kept =
                new Source("s", "s", 1, new double[] {1, 2}, null, bad.mean(), bad.variance(), 1L);
        assertThat(with(StatisticsPolicy.KEEP).of(List.of(kept)).gamma()).containsExactly(1, 2);
    }

    @Test
    void rejectsAVarianceBelowZeroAndAnOverflow() {
        assertThatThrownBy(() -> POOLED.of(List.of(source(1, vector(1), vector(-1e-300), 1, 0L))))
                .isInstanceOf(InvalidConfig.class)
                .hasMessageContaining("running_var[0] is -1e-300; a variance is 0 or more");
        List<Source> far =
                List.of(
                        source(1, vector(1e300), vector(1), 1, 0L),
                        source(1, vector(-1e300), vector(1), 1, 0L));
        assertThatThrownBy(() -> POOLED.of(far))
                .isInstanceOf(NonFiniteResult.class)
                .hasMessageContaining("running_var[0]");
    }

    @Test
    void takesWeightsOfEverySize() {
        double[] mean = {0};
        for (double size : new double[] {Double.MIN_VALUE, 1e-300, 1, Double.MAX_VALUE / 2}) {
            List<Source> sources =
                    List.of(
                            source(size, mean, vector(1), 1, 0L),
                            source(size * 2, vector(3), vector(1), 1, 0L));
            assertThat(POOLED.of(sources).mean()).containsExactly(2);
            assertThat(POOLED.of(sources).variance()).containsExactly(3);
        }
        assertThatThrownBy(() -> POOLED.of(List.of(source(0, mean, vector(1), 1, 0L))))
                .isInstanceOf(InvalidWeight.class);
        for (double invalid : new double[] {-1, Double.NaN, Double.POSITIVE_INFINITY}) {
            assertThatThrownBy(() -> Aggregation.weight("weights[0]", invalid))
                    .isInstanceOf(InvalidWeight.class)
                    .hasMessageContaining("weights[0] is ");
        }
    }

    private static Aggregation with(StatisticsPolicy policy) {
        return new Aggregation(policy, ParameterPolicy.AVERAGE, CounterPolicy.SUM);
    }

    private static double[] vector(double value) {
        return new double[] {value};
    }

    private static Source source(
            double weight, double[] mean, double[] variance, double parameter, Long batches) {
        double[] parameters = new double[mean.length];
        Arrays.fill(parameters, parameter);
        return new Source(
                "source", "source", weight, parameters, parameters, mean, variance, batches);
    }
}
