package batchnorm.normalization;

/// The statistics of one batch, per channel.
///
/// Arrays are shared, never written.
public final class BatchStatistics {
    private final double count;
    private final double[] mean;
    private final double[] variance;

    /// @param count `m`: values per channel, or the sum of their weights
    /// @param variance biased, `M2/m`
    public BatchStatistics(double count, double[] mean, double[] variance) {
        this.count = count;
        this.mean = mean;
        this.variance = variance;
    }

    /// The same statistics of so many values.
    public BatchStatistics withCount(double other) {
        return new BatchStatistics(other, mean, variance);
    }

    /// A whole number, unless there are weights.
    public double count() {
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
