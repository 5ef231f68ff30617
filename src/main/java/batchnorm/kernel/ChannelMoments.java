package batchnorm.kernel;

/// The moments of each channel, `mean = Σx/m` and `m2 = Σ(x-mean)²`.
///
/// @param rest the rounding error of each mean: where deviations are a millionth of the mean, it
///   contributes six digits when moments are merged
public record ChannelMoments(double[] mean, double[] rest, double[] m2) {}
