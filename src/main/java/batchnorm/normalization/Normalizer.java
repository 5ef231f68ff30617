package batchnorm.normalization;

import org.jspecify.annotations.Nullable;

/// The normalization of a batch, per channel: `xhat = (x-center)·inverse·r + d`, and the share of
/// the statistics that depends on the batch.
///
/// @param center `mu = (1-a)·running_mean + a·mean`
/// @param inverse `s = 1/√(v+ε)` with `v = (1-a)·running_var + a·var`
/// @param share `a`, from 0 (constants) to 1 (the batch's own statistics)
/// @param mean the mean of the batch, for the derivative; null if nothing depends on the batch
/// @param r constant factors of [Renorm]; null for 1
/// @param d constant addends of [Renorm]; null for 0
record Normalizer(
        double[] center,
        double[] inverse,
        double share,
        double @Nullable [] mean,
        double @Nullable [] r,
        double @Nullable [] d) {

    private Normalizer(double[] center, double[] inverse, double share, double @Nullable [] mean) {
        this(center, inverse, share, mean, null, null);
    }

    /// Returns the number of vectors stored.
    int vectors() {
        return 2 + (share > 0 && share < 1 ? 1 : 0) + (r == null ? 0 : 2);
    }

    /// `s·r`
    double slope(int channel) {
        return r == null ? inverse[channel] : inverse[channel] * r[channel];
    }

    double shift(int channel) {
        return d == null ? 0 : d[channel];
    }

    /// Corrects the batch's own statistics towards running ones.
    ///
    /// @param running the statistics before the step
    Normalizer towards(RunningStatistics running, Renorm limits, double epsilon) {
        double[] runningInverse = inverses(running.variance(), epsilon);
        double[] factors = new double[center.length];
        double[] addends = new double[center.length];
        for (int c = 0; c < center.length; c++) {
            factors[c] = limits.r(runningInverse[c] / inverse[c]);
            addends[c] = limits.d((center[c] - running.mean()[c]) * runningInverse[c]);
        }
        return new Normalizer(center, inverse, share, mean, factors, addends);
    }

    /// Normalizes with given, constant statistics.
    static Normalizer constant(double[] mean, double[] variance, double epsilon) {
        return new Normalizer(mean, inverses(variance, epsilon), 0, null);
    }

    /// Normalizes with the batch's own statistics.
    static Normalizer of(BatchStatistics batch, double epsilon) {
        return new Normalizer(batch.mean(), inverses(batch.variance(), epsilon), 1, batch.mean());
    }

    /// Normalizes a batch without statistics: `xhat` is 0.
    static Normalizer none(int channels) {
        return new Normalizer(new double[channels], new double[channels], 0, null);
    }

    /// Blends running statistics with the batch's own.
    ///
    /// @param share the weight of the batch's own
    static Normalizer blend(
            RunningStatistics running, BatchStatistics batch, double share, double epsilon) {
        if (share == 1) {
            return of(batch, epsilon);
        }
        double[] variance = blend(running.variance(), batch.variance(), share);
        return new Normalizer(
                blend(running.mean(), batch.mean(), share),
                inverses(variance, epsilon),
                share,
                batch.mean());
    }

    private static double[] blend(double[] running, double[] own, double share) {
        double[] blend = new double[own.length];
        for (int c = 0; c < blend.length; c++) {
            blend[c] = (1 - share) * running[c] + share * own[c];
        }
        return blend;
    }

    static double[] inverses(double[] variance, double epsilon) {
        double[] inverses = new double[variance.length];
        for (int c = 0; c < variance.length; c++) {
            if (variance[c] + epsilon <= 0) {
                throw Finiteness.ofDeviation(c, variance[c], epsilon);
            }
            inverses[c] = 1 / Math.sqrt(variance[c] + epsilon);
        }
        return inverses;
    }
}
