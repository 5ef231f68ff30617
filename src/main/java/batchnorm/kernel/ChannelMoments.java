package batchnorm.kernel;

/// The moments of each channel, `mean = Σx/m` and `m2 = Σ(x-mean)²`.
///
/// @param rest what rounding left of each mean: where deviations are a millionth of the mean, it is
///   worth six digits to a caller that merges the moments with others
public record ChannelMoments(double[] mean, double[] rest, double[] m2) {}
