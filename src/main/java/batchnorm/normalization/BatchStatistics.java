package batchnorm.normalization;

/// The statistics of one batch, per channel.
///
/// Arrays are shared, never written.
public final class BatchStatistics {
    private final double count;
    private final double[] mean;
    private final double[] variance;

    /// @param count `m`: the number of values per channel, or the sum of their weights
    /// @param variance biased, `M2/m`
    public BatchStatistics(double count, double[] mean, double[] variance) {
        this.count = count;
        this.mean = mean;
        this.variance = variance;
    }

    /// Returns the same statistics with another count.
    public BatchStatistics withCount(double other) {
        return new BatchStatistics(other, mean, variance);
    }

    /// Returns the count, an integer unless there are weights.
    public double count() {
        return count;
    }

    public double[] mean() {
        return mean;
    }

    /// Returns the biased variance, `M2/m`, for normalizing the batch itself.
    public double[] variance() {
        return variance;
    }

    public boolean isEmpty() {
        return count == 0;
    }
}
