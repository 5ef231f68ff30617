package batchnorm.kernel;

/// The sums of each channel that a gradient needs, `Σdy` and `Σdy·(x-center)`.
public record ChannelSums(double[] sum, double[] product) {
    /// Room for the sums of so many channels.
    public ChannelSums(int channels) {
        this(new double[channels], new double[channels]);
    }
}
