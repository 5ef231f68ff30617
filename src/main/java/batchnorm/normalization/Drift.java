package batchnorm.normalization;

/// How far a batch is from what its layer has seen so far.
public final class Drift {
    private Drift() {}

    /// The mean over the channels of `|batch_mean - running_mean| / sqrt(running_var)`: near 0 when
    /// the data stays as it was, above 1 when it has moved by more than it spreads.
    ///
    /// A running variance that is still 0 says nothing of how far is far, so such a channel adds
    /// nothing.
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
