package batchnorm.kernel;

/// The four loops of batch normalization over a [ChannelArray]. Element `(o, c, i)` is at index
/// `(o·channels + c)·inner + i` and belongs to channel `c`. Each channel has `m = outer·inner`
/// values.
///
/// Kernels do not check their arguments. Arrays must have the length of their layout, and the
/// arrays of one call must have one type and one layout. All sums are binary64. Outputs are
/// computed in the type of the data. In FP32 the center is split into two floats
/// ([FloatParameters]), at the cost of two or three roundings. If a parameter is out of range for
/// FP32, outputs are computed in binary64 and rounded once. An output may share the array of an
/// input of its type: each element is read before it is written. Kernels allocate nothing of the
/// size of a tensor.
///
/// **Every kernel returns the same bits, whatever its lanes and threads**, because the order of
/// every sum is part of this contract:
///
/// 1. A channel is split into blocks of at most 2048 values ([Blocks]): several whole planes where
///    `inner` is small, otherwise a part of one plane.
/// 2. In a block, element `(o, c, i)` goes to accumulator `i mod 16` (counting `i` from the block's
///    first position), in ascending `o`, then `i`. The accumulators are added by halves: `a[i] +
///    a[i+8]`, then `+4`, `+2`, `+1`.
/// 3. Blocks are merged in ascending order: those of one plane, then those of the next.
///
/// Every product that is added to a value is one fused multiply-add ([Math#fma(double, double,
/// double)], an instruction on every supported CPU).
public sealed interface Kernel permits ScalarKernel, VectorKernel {

    /// Computes moments; all 0 when `m` is 0. A NaN or an infinity in a channel makes its `m2` NaN
    /// or infinite. The mean of a constant channel is exact, and its `m2` is exactly 0.
    ///
    /// Within a block, `d = x - shift` with the block's first value as `shift`, so that a large
    /// mean loses no digits: `mean = shift + Σd/n`, `m2 = Σd² - (Σd)²/n`. If the shift is an
    /// outlier, at most the bits of `n` are lost. Blocks are merged by Chan, Golub, LeVeque (1979),
    /// with means relative to the first shift; never `E[x²]-E[x]²`.
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

    /// Computes the gradient of a normalization with the batch's own statistics, whose mean and
    /// deviation depend on `x`: [#gradientSums], then [#inputGradient] with the [GradientMap] of
    /// these sums. A single call lets a kernel process one channel after the other while its values
    /// are cached. `dx` must not share the array of an input.
    ///
    /// @param inverse `1/√(var+ε)`
    /// @param sums receives the sums
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

    /// Returns the SIMD kernel if the JVM has the vector classes, otherwise the scalar one.
    static Kernel fastest() {
        return VectorKernel.isAvailable() ? new VectorKernel() : new ScalarKernel();
    }
}
