package batchnorm.normalization;

/// The statistics of one batch, per channel.
///
/// Arrays are shared, never written.
public final class BatchStatistics {
    private final long count;
    private final double[] mean;
    private final double[] variance;

    /// @param count values per channel, `m`
    /// @param variance biased, `M2/m`
    public BatchStatistics(long count, double[] mean, double[] variance) {
        this.count = count;
        this.mean = mean;
        this.variance = variance;
    }

    public long count() {
        return count;
    }

    public double[] mean() {
        return mean;
    }

    /// Biased, `M2/m`: what the batch itself is normalized with.
    public double[] variance() {
        return variance;
    }

    public boolean isEmpty() {
        return count == 0;
    }
}
