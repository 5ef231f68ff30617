package batchnorm.normalization;

import batchnorm.normalization.Knob.RunningVariance;
import java.util.Arrays;

/// The exponential (or cumulative) averages of the batches' statistics, per channel.
///
/// Arrays are shared, never written: an update makes new ones.
public final class RunningStatistics {
    private final double[] mean;
    private final double[] variance;
    private final long batches;

    /// @param batches how many batches were counted, `num_batches_tracked`
    public RunningStatistics(double[] mean, double[] variance, long batches) {
        this.mean = mean;
        this.variance = variance;
        this.batches = batches;
    }

    /// Before the first batch.
    public static RunningStatistics initial(Config config, int features) {
        double[] variance = new double[features];
        Arrays.fill(variance, config.convention().initialVariance());
        return new RunningStatistics(new double[features], variance, 0);
    }

    /// Those of a whole population, in the variance that the layer averages.
    ///
    /// @param population of one value or more
    /// @param batches how many batches it counts as
    public static RunningStatistics of(Moments population, Config config, long batches) {
        double bessel = besselFactor((double) population.count(), config.runningVariance());
        double[] variance = population.variance();
        for (int c = 0; c < variance.length; c++) {
            variance[c] *= bessel;
        }
        return new RunningStatistics(population.mean(), variance, batches);
    }

    /// These statistics as those of a population.
    ///
    /// @param count the values per channel that they stand for
    /// @throws InvalidMoments where no values have them
    public Moments asPopulation(long count, Config config) {
        double bessel = besselFactor((double) count, config.runningVariance());
        double[] biased = variance.clone();
        for (int c = 0; c < biased.length; c++) {
            biased[c] /= bessel;
        }
        return Moments.ofVariance(count, mean, biased);
    }

    /// The first channel whose variance is below 0, or -1.
    public static int firstNegative(double[] variance) {
        for (int c = 0; c < variance.length; c++) {
            if (variance[c] < 0) {
                return c;
            }
        }
        return -1;
    }

    public double[] mean() {
        return mean;
    }

    public double[] variance() {
        return variance;
    }

    public long batches() {
        return batches;
    }

    /// Whether a batch is normalized alike with both.
    public boolean agreesWith(RunningStatistics other) {
        return Arrays.equals(mean, other.mean) && Arrays.equals(variance, other.variance);
    }

    /// Counts one more batch: `rm += alpha·(mean-rm)`, `rv += alpha·(v-rv)` with `v = var` or,
    /// unbiased, `v = var·(m/(m-1))`. The order of operations is part of the contract: whoever
    /// folds the answered statistics in version order gets these bits. (One value per channel has
    /// `v = 0` either way.)
    ///
    /// @throws NonFiniteResult when a statistic overflows binary64, unless the layer propagates
    ///   that
    public RunningStatistics updated(BatchStatistics batch, Config config) {
        double alpha = config.alpha(batches + 1);
        double[] averaged = averaged(batch, config);
        double[] nextMean = mean.clone();
        double[] nextVariance = variance.clone();
        for (int c = 0; c < nextMean.length; c++) {
            nextMean[c] += alpha * (batch.mean()[c] - nextMean[c]);
            nextVariance[c] += alpha * (averaged[c] - nextVariance[c]);
        }
        if (!config.propagatesNonFinite()) {
            Finiteness.requireFinite("running_mean", nextMean);
            Finiteness.requireFinite("running_var", nextVariance);
        }
        return new RunningStatistics(nextMean, nextVariance, batches + 1);
    }

    /// The variance of a batch that the running one averages: `v`.
    static double[] averaged(BatchStatistics batch, Config config) {
        double bessel = besselFactor(batch.count(), config.runningVariance());
        double[] averaged = batch.variance().clone();
        for (int c = 0; c < averaged.length; c++) {
            averaged[c] *= bessel;
        }
        return averaged;
    }

    private static double besselFactor(double count, RunningVariance kind) {
        return kind == RunningVariance.BIASED || count == 1 ? 1 : count / (count - 1);
    }
}
