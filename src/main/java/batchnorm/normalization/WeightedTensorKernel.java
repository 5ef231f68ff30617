package batchnorm.normalization;

import batchnorm.kernel.Correction;
import batchnorm.kernel.WeightedKernel;
import batchnorm.normalization.TensorKernel.Result;
import batchnorm.tensor.ArrayPool;
import batchnorm.tensor.ChannelLayout;
import batchnorm.tensor.Tensor;
import batchnorm.tensor.Tensor.Doubles;
import batchnorm.tensor.Tensor.Floats;

/// The weighted kernel's loops on tensors, as [TensorKernel] has the others.
final class WeightedTensorKernel {
    private final WeightedKernel kernel = new WeightedKernel();

    void moments(Tensor x, Weights weights, ChannelLayout box, double[] mean, double[] m2) {
        double[] w = weights.values();
        int outer = box.outer();
        int channels = box.channels();
        switch (x) {
            case Floats f -> kernel.moments(f.values(), w, outer, channels, box.inner(), mean, m2);
            case Doubles d -> kernel.moments(d.values(), w, outer, channels, box.inner(), mean, m2);
        }
    }

    /// `dx = scale·(dy - w·(offset + (x-center)·slope))`
    Result inputGradient(
            Tensor dy,
            Tensor x,
            Weights weights,
            ChannelLayout box,
            double[] center,
            double[] scale,
            Correction correction) {
        return switch (dy) {
            case Floats f -> {
                float[] dx = ArrayPool.FLOATS.take(f.values().length);
                boolean finite =
                        kernel.inputGradient(
                                f.values(),
                                ((Floats) x).values(),
                                weights.values(),
                                box.outer(),
                                box.channels(),
                                box.inner(),
                                center,
                                scale,
                                correction.offset(),
                                correction.slope(),
                                dx);
                yield TensorKernel.rounded(f, dx, finite);
            }
            case Doubles d -> {
                double[] dx = ArrayPool.DOUBLES.take(d.values().length);
                boolean finite =
                        kernel.inputGradient(
                                d.values(),
                                ((Doubles) x).values(),
                                weights.values(),
                                box.outer(),
                                box.channels(),
                                box.inner(),
                                center,
                                scale,
                                correction.offset(),
                                correction.slope(),
                                dx);
                yield new Result(Tensor.of(d.shape(), dx), finite);
            }
        };
    }
}
