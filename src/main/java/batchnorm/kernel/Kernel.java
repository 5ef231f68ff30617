package batchnorm.kernel;

/// The four loops of batch normalization over a [ChannelArray], where element `(o, c, i)` stands at
/// `(o·channels + c)·inner + i` and belongs to channel `c`. Each channel has `m = outer·inner`
/// values.
///
/// Kernels trust their caller: arrays are as long as their layout, and those of one call have one
/// type and one layout. All sums are binary64. Outputs are computed in the type of the data: in
/// FP32 with the center split in two floats ([Narrowing]), which costs two or three roundings, or
/// in binary64 and rounded once, where a parameter has no sensible size in FP32. An output may be
/// the very array of an input of its type: each element is read before it is written. Nothing the
/// size of a tensor is allocated.
///
/// **Every kernel gives the same bits, whatever its lanes and threads**, because the order of every
/// sum is part of this contract:
///
/// 1. A channel is cut into blocks of at most 2048 values ([Blocks]): several whole planes where
///    `inner` is small, else a part of one plane.
/// 2. In a block, element `(o, c, i)` goes to accumulator `i mod 16` (counting `i` from the block's
///    first position), in ascending `o`, then `i`. The accumulators are added by halves: `a[i] +
///    a[i+8]`, then `+4`, `+2`, `+1`.
/// 3. Blocks are joined in ascending order: those of one plane, then those of the next.
///
/// A product that is added to something is always one fused multiply-add ([Math#fma(double, double,
/// double)], an instruction on every CPU this is meant for).
public sealed interface Kernel permits ScalarKernel, VectorKernel {

    /// Moments; all 0 when `m` is 0. A NaN or an infinity in a channel makes its `m2` NaN or
    /// infinite. A constant channel has exactly that mean, and `m2` is exactly 0.
    ///
    /// In a block, `d = x - shift` with the block's first value as `shift`, so that a large mean
    /// costs nothing: `mean = shift + Σd/n`, `m2 = Σd² - (Σd)²/n`, which loses at most the bits of
    /// `n` when the shift is an outlier. Blocks are merged by Chan, Golub, LeVeque (1979), with
    /// means taken from the first shift; never `E[x²]-E[x]²`.
    ChannelMoments moments(ChannelArray x);

    /// Writes `y`, the map of `x`.
    ///
    /// @return whether every `y` is finite
    boolean normalize(ChannelArray x, AffineMap map, ChannelArray y);

    /// Fills `sums`; both are 0 when `m` is 0.
    void gradientSums(ChannelArray dy, ChannelArray x, double[] center, ChannelSums sums);

    /// Writes `dx`, the map of `dy` and `x`.
    ///
    /// @return whether every `dx` is finite
    boolean inputGradient(ChannelArray dy, ChannelArray x, GradientMap map, ChannelArray dx);

    /// The gradient of a normalization with the batch's own statistics, in which the mean and the
    /// deviation depend on `x` too: [#gradientSums], and [#inputGradient] with the [GradientMap] of
    /// these sums. One call, so that a kernel may take channels one after the other, while their
    /// values are in the cache. Here `dx` is an array of its own.
    ///
    /// @param inverse `1/√(var+ε)`
    /// @param sums filled
    /// @return whether every `dx` is finite
    default boolean trainingGradient(
            ChannelArray dy,
            ChannelArray x,
            double[] center,
            double[] inverse,
            double[] scale,
            ChannelSums sums,
            ChannelArray dx) {
        gradientSums(dy, x, center, sums);
        double count = x.layout().count();
        return inputGradient(dy, x, GradientMap.of(center, scale, inverse, count, sums), dx);
    }

    /// The SIMD kernel where the JVM has the vector classes, else the scalar one.
    static Kernel fastest() {
        return VectorKernel.isAvailable() ? new VectorKernel() : new ScalarKernel();
    }
}
