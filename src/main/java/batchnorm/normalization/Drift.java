package batchnorm.normalization;

/// The distance of a batch from the running statistics of its layer.
public final class Drift {
    private Drift() {}

    /// Returns the mean over the channels of `|batch_mean - running_mean| / sqrt(running_var)`. It
    /// is near 0 for unchanged data, and above 1 when the data has moved by more than its spread.
    ///
    /// A channel with a running variance of 0 has no scale and contributes 0.
    public static double between(BatchStatistics batch, RunningStatistics running) {
        double[] mean = batch.mean();
        double sum = 0;
        for (int c = 0; c < mean.length; c++) {
            double variance = running.variance()[c];
            sum += variance > 0 ? Math.abs(mean[c] - running.mean()[c]) / Math.sqrt(variance) : 0;
        }
        return sum / mean.length;
    }
}
