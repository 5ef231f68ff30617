package batchnorm.normalization;

import batchnorm.normalization.Knob.RunningVariance;
import java.util.Arrays;

/// The exponential (or cumulative) averages of the batches' statistics, per channel.
///
/// Arrays are shared, never written: an update returns new ones.
public final class RunningStatistics {
    private final double[] mean;
    private final double[] variance;
    private final long batches;

    /// @param batches the number of counted batches, `num_batches_tracked`
    public RunningStatistics(double[] mean, double[] variance, long batches) {
        this.mean = mean;
        this.variance = variance;
        this.batches = batches;
    }

    /// Returns the statistics before the first batch.
    public static RunningStatistics initial(Config config, int features) {
        double[] variance = new double[features];
        Arrays.fill(variance, config.convention().initialVariance());
        return new RunningStatistics(new double[features], variance, 0);
    }

    /// Returns the statistics of a whole population, with the variance that the layer averages.
    ///
    /// @param population of one value or more
    /// @param batches the number of batches that it counts as
    public static RunningStatistics of(Moments population, Config config, long batches) {
        double bessel = besselFactor((double) population.count(), config.runningVariance());
        double[] variance = population.variance();
        for (int c = 0; c < variance.length; c++) {
            variance[c] *= bessel;
        }
        return new RunningStatistics(population.mean(), variance, batches);
    }

    /// Returns these statistics as moments of a population.
    ///
    /// @param count the number of values per channel that they represent
    /// @throws InvalidMoments when they are inconsistent
    public Moments asPopulation(long count, Config config) {
        double bessel = besselFactor((double) count, config.runningVariance());
        double[] biased = variance.clone();
        for (int c = 0; c < biased.length; c++) {
            biased[c] /= bessel;
        }
        return Moments.ofVariance(count, mean, biased);
    }

    /// Returns the first channel whose variance is below 0, or -1.
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

    /// Returns whether both normalize a batch identically.
    public boolean agreesWith(RunningStatistics other) {
        return Arrays.equals(mean, other.mean) && Arrays.equals(variance, other.variance);
    }

    /// Counts one more batch: `rm += alpha·(mean-rm)`, `rv += alpha·(v-rv)` with `v = var` or,
    /// unbiased, `v = var·(m/(m-1))`. The order of operations is part of the contract: folding the
    /// returned statistics in version order yields these bits. (A single value per channel has `v =
    /// 0` in both cases.)
    ///
    /// @throws NonFiniteResult when a statistic overflows binary64, unless the layer propagates it
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

    /// Returns the variance of a batch that the running one averages: `v`.
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
