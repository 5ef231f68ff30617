package batchnorm.kernel;

/// The sums of each channel for a gradient, `Σdy` and `Σdy·(x-center)`.
public record ChannelSums(double[] sum, double[] product) {
    /// Creates zero sums.
    public ChannelSums(int channels) {
        this(new double[channels], new double[channels]);
    }
}
