package batchnorm.normalization;

import batchnorm.tensor.DecimalText;
import java.util.Arrays;
import java.util.List;
import java.util.Objects;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/// The rules that make one layer's state from the states of several copies, as in federated
/// averaging.
///
/// @param statistics of the running statistics
/// @param parameters of gamma and beta
/// @param counters of the number of batches
public record Aggregation(
        StatisticsPolicy statistics, ParameterPolicy parameters, CounterPolicy counters) {
    /// Bounds the sources of one aggregation.
    public static final int MAX_SOURCES = 256;

    private static final String MEAN = "running_mean";
    private static final String VARIANCE = "running_var";

    /// The rule for the running mean and variance. With weights `w` that sum to `W`:
    public enum StatisticsPolicy {
        /// The mean `Σw·mean/W`, and the variance `Σw·(var + (mean - pooled mean)²)/W` of the
        /// mixture.
        POOLED,
        /// The means `Σw·mean/W` and `Σw·var/W`. The spread between the means is lost.
        MEAN_OF_VARIANCES,
        /// The statistics of the source with the largest weight. Of equal weights, the one with the
        /// most batches, then the first.
        STATISTICS_OF_LARGEST,
        /// The layer's own.
        KEEP
    }

    /// The rule for gamma and beta.
    public enum ParameterPolicy {
        /// `Σw·gamma/W` and `Σw·beta/W`.
        AVERAGE,
        /// The layer's own.
        KEEP
    }

    /// The rule for the number of batches.
    public enum CounterPolicy {
        SUM,
        MAX,
        /// The layer's own.
        KEEP
    }

    /// The state of one copy, with its weight. An absent vector is null. All arrays have one number
    /// per channel.
    ///
    /// @param path of the source in the request: `sources[1]`
    /// @param title in messages: the path with the name of its layer or file
    /// @param weight 0 or more, finite
    public record Source(
            String path,
            String title,
            double weight,
            double @Nullable [] gamma,
            double @Nullable [] beta,
            double @Nullable [] mean,
            double @Nullable [] variance,
            @Nullable Long batches) {

        private String at(String field) {
            return path + "." + field;
        }
    }

    /// The aggregated state. Null stands for a vector or count that the layer keeps.
    ///
    /// @param features the channels of every source
    public record Result(
            int features,
            double @Nullable [] gamma,
            double @Nullable [] beta,
            double @Nullable [] mean,
            double @Nullable [] variance,
            @Nullable Long batches) {}

    /// Returns a valid weight.
    ///
    /// @param path of the number in the request
    /// @throws InvalidWeight for a number that is negative or not finite
    public static double weight(String path, double weight) {
        if (!(weight >= 0) || Double.isInfinite(weight)) {
            throw new InvalidWeight(
                    path,
                    path + " is " + DecimalText.of(weight) + "; a weight is finite, and 0 or more");
        }
        return weight;
    }

    /// Returns whether the layer keeps its whole state.
    public boolean changesNothing() {
        return statistics == StatisticsPolicy.KEEP
                && parameters == ParameterPolicy.KEEP
                && counters == CounterPolicy.KEEP;
    }

    /// Aggregates the sources. Means are within 1 ulp and `2⁻⁹⁰` of the largest number, variances
    /// within 1 ulp, in any order of the sources. A variance is never negative.
    ///
    /// A running variance is taken as it is, biased or unbiased, so all sources must have the same
    /// kind. The spread between the means needs no correction: the sources are the whole mixture.
    ///
    /// @param sources one or more
    /// @throws InvalidWeight when no weight is positive
    /// @throws ShapeMismatch when the lengths of vectors differ
    /// @throws InvalidConfig when only some sources have a vector or a count, for a variance below
    ///   0, and when counts overflow
    /// @throws NonFiniteValue for a NaN or an infinity in a source
    /// @throws NonFiniteResult when a finite result overflows binary64
    public Result of(List<Source> sources) {
        int features = features(sources);
        WeightedMean weights = WeightedMean.of(sources);
        double[] mean = null;
        double[] variance = null;
        if (statistics != StatisticsPolicy.KEEP) {
            double[][] means = required(sources, MEAN, Source::mean);
            double[][] variances = required(sources, VARIANCE, Source::variance);
            requireVariances(sources, variances);
            int largest = largest(sources);
            mean = finite(MEAN, mean(weights, means, largest));
            variance = finite(VARIANCE, variance(weights, means, variances, largest));
        }
        return new Result(
                features,
                average(weights, sources, "gamma", Source::gamma),
                average(weights, sources, "beta", Source::beta),
                mean,
                variance,
                batches(sources));
    }

    private double[] mean(WeightedMean weights, double[][] means, int largest) {
        return statistics == StatisticsPolicy.STATISTICS_OF_LARGEST
                ? means[largest]
                : weights.of(means);
    }

    private double[] variance(
            WeightedMean weights, double[][] means, double[][] variances, int largest) {
        return switch (statistics) {
            case POOLED -> weights.pooled(means, variances);
            case MEAN_OF_VARIANCES -> weights.of(variances);
            case STATISTICS_OF_LARGEST -> variances[largest];
            case KEEP -> throw new IllegalStateException("nothing is computed");
        };
    }

    private double @Nullable [] average(
            WeightedMean weights,
            List<Source> sources,
            String field,
            Function<Source, double @Nullable []> vector) {
        if (parameters == ParameterPolicy.KEEP
                || sources.stream().allMatch(source -> vector.apply(source) == null)) {
            return null;
        }
        return finite(field, weights.of(required(sources, field, vector)));
    }

    private @Nullable Long batches(List<Source> sources) {
        if (counters == CounterPolicy.KEEP
                || sources.stream().allMatch(source -> source.batches() == null)) {
            return null;
        }
        long batches = 0;
        for (Source source : sources) {
            long own = present(source, "num_batches_tracked", source.batches());
            batches = counters == CounterPolicy.MAX ? Math.max(batches, own) : sum(batches, own);
        }
        return batches;
    }

    private static long sum(long a, long b) {
        try {
            return Math.addExact(a, b);
        } catch (ArithmeticException overflow) {
            throw new InvalidConfig(
                    "num_batches_tracked",
                    "the num_batches_tracked of the sources add up to more than "
                            + Long.MAX_VALUE
                            + "; use \"counters\": \"max\"");
        }
    }

    private static int largest(List<Source> sources) {
        int largest = 0;
        for (int i = 1; i < sources.size(); i++) {
            Source best = sources.get(largest);
            Source other = sources.get(i);
            if (other.weight() > best.weight()
                    || (other.weight() == best.weight()
                            && batchesOrZero(other) > batchesOrZero(best))) {
                largest = i;
            }
        }
        return largest;
    }

    private static long batchesOrZero(Source source) {
        return Objects.requireNonNullElse(source.batches(), 0L);
    }

    /// Returns the common length of all vectors.
    private static int features(List<Source> sources) {
        int features = -1;
        String first = "";
        for (Source source : sources) {
            for (double[] vector :
                    Arrays.asList(
                            source.gamma(), source.beta(), source.mean(), source.variance())) {
                if (vector == null) {
                    continue;
                }
                if (features < 0) {
                    features = vector.length;
                    first = source.title();
                }
                if (vector.length != features) {
                    throw new ShapeMismatch(
                            source.path(),
                            "%s has a vector of %d features, but %s has %d"
                                    .formatted(source.title(), vector.length, first, features));
                }
            }
        }
        if (features < 0) {
            Source source = sources.getFirst();
            throw new ShapeMismatch(source.path(), source.title() + " has no vector to aggregate");
        }
        return features;
    }

    private static double[][] required(
            List<Source> sources, String field, Function<Source, double @Nullable []> vector) {
        double[][] vectors = new double[sources.size()][];
        for (int i = 0; i < vectors.length; i++) {
            Source source = sources.get(i);
            vectors[i] = present(source, field, vector.apply(source));
            for (int c = 0; c < vectors[i].length; c++) {
                if (!Double.isFinite(vectors[i][c])) {
                    String element = field + "[" + c + "]";
                    throw new NonFiniteValue(
                            source.at(element),
                            "%s: %s is %s; it must be finite"
                                    .formatted(
                                            source.title(),
                                            element,
                                            DecimalText.of(vectors[i][c])));
                }
            }
        }
        return vectors;
    }

    private static <T> T present(Source source, String field, @Nullable T value) {
        if (value == null) {
            throw new InvalidConfig(
                    source.at(field),
                    source.title() + " has no " + field + "; all sources must have it");
        }
        return value;
    }

    private static void requireVariances(List<Source> sources, double[][] variances) {
        for (int i = 0; i < variances.length; i++) {
            int negative = RunningStatistics.firstNegative(variances[i]);
            if (negative >= 0) {
                String element = VARIANCE + "[" + negative + "]";
                throw new InvalidConfig(
                        sources.get(i).at(element),
                        "%s: %s is %s; a variance is 0 or more"
                                .formatted(
                                        sources.get(i).title(),
                                        element,
                                        DecimalText.of(variances[i][negative])));
            }
        }
    }

    private static double[] finite(String field, double[] values) {
        for (int c = 0; c < values.length; c++) {
            if (!Double.isFinite(values[c])) {
                throw new NonFiniteResult(
                        "the aggregated %s[%d] overflows binary64; the sources differ too much"
                                .formatted(field, c));
            }
        }
        return values;
    }
}
