package batchnorm.normalization;

import java.util.Arrays;

/// The means of the means and of the variances of several batches, each batch with equal weight:
/// the estimate of precise batch normalization (`fvcore.nn.precise_bn`). The spread between the
/// means is not part of it.
///
/// The variance of a batch is the one that the layer averages, biased or unbiased. Sums are in
/// double-double, with one final rounding.
///
/// Immutable: adding returns a new instance.
public final class MeanOfVariances {
    /// Bytes of one channel: references, and two objects of two doubles.
    public static final int BYTES_PER_CHANNEL = MergedMoments.BYTES_PER_CHANNEL;

    private final DoubleDouble[] means;
    private final DoubleDouble[] variances;
    private final long batches;

    private MeanOfVariances(DoubleDouble[] means, DoubleDouble[] variances, long batches) {
        this.means = means;
        this.variances = variances;
        this.batches = batches;
    }

    /// Returns the sums of no batch.
    public static MeanOfVariances ofNone(int channels) {
        DoubleDouble[] zeros = new DoubleDouble[channels];
        Arrays.fill(zeros, DoubleDouble.ZERO);
        return new MeanOfVariances(zeros, zeros, 0);
    }

    /// Adds a batch. An empty batch has no effect.
    ///
    /// @throws ShapeMismatch when the channels differ
    public MeanOfVariances plus(Moments batch, Config config) {
        if (batch.channels() != means.length) {
            throw new ShapeMismatch(
                    "mean",
                    "the moments of %d channels cannot be averaged with those of %d"
                            .formatted(batch.channels(), means.length));
        }
        if (batch.isEmpty()) {
            return this;
        }
        double[] variance = RunningStatistics.of(batch, config, 1).variance();
        DoubleDouble[] nextMeans = new DoubleDouble[means.length];
        DoubleDouble[] nextVariances = new DoubleDouble[means.length];
        for (int c = 0; c < means.length; c++) {
            nextMeans[c] = means[c].plus(new DoubleDouble(batch.mean()[c], batch.rest()[c]));
            nextVariances[c] = variances[c].plus(variance[c]);
        }
        return new MeanOfVariances(nextMeans, nextVariances, batches + 1);
    }

    /// Returns the statistics that a layer installs.
    ///
    /// @throws InvalidMoments when no batch was added
    /// @throws NonFiniteResult when a sum overflows binary64, unless the layer propagates it
    public RunningStatistics rounded(Config config) {
        if (batches == 0) {
            throw new InvalidMoments("count", "count is 0; statistics need at least one value");
        }
        double[] mean = rounded(means);
        double[] variance = rounded(variances);
        if (!config.propagatesNonFinite()) {
            Finiteness.requireFinite("running_mean", mean);
            Finiteness.requireFinite("running_var", variance);
        }
        return new RunningStatistics(mean, variance, batches);
    }

    private double[] rounded(DoubleDouble[] sums) {
        return Arrays.stream(sums)
                .mapToDouble(sum -> sum.dividedBy((double) batches).rounded())
                .toArray();
    }
}
