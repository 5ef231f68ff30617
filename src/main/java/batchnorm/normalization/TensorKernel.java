package batchnorm.normalization;

import batchnorm.kernel.Correction;
import batchnorm.kernel.Kernel;
import batchnorm.tensor.ArrayPool;
import batchnorm.tensor.ChannelLayout;
import batchnorm.tensor.DataType;
import batchnorm.tensor.Tensor;
import batchnorm.tensor.Tensor.Doubles;
import batchnorm.tensor.Tensor.Floats;

/// The kernel's loops on tensors: chooses by datatype, allocates the result, rounds half-width
/// results once.
final class TensorKernel {
    /// @param finite whether every element is
    record Result(Tensor tensor, boolean finite) {}

    private final Kernel kernel;

    TensorKernel(Kernel kernel) {
        this.kernel = kernel;
    }

    void moments(Tensor x, ChannelLayout box, double[] mean, double[] rest, double[] m2) {
        switch (x) {
            case Floats f ->
                    kernel.moments(
                            f.values(), box.outer(), box.channels(), box.inner(), mean, rest, m2);
            case Doubles d ->
                    kernel.moments(
                            d.values(), box.outer(), box.channels(), box.inner(), mean, rest, m2);
        }
    }

    Result normalize(Tensor x, ChannelLayout box, double[] center, double[] scale, double[] shift) {
        return switch (x) {
            case Floats f -> {
                float[] y = ArrayPool.FLOATS.take(f.values().length);
                boolean finite =
                        kernel.normalize(
                                f.values(),
                                box.outer(),
                                box.channels(),
                                box.inner(),
                                center,
                                scale,
                                shift,
                                y);
                yield rounded(f, y, finite);
            }
            case Doubles d -> {
                double[] y = ArrayPool.DOUBLES.take(d.values().length);
                boolean finite =
                        kernel.normalize(
                                d.values(),
                                box.outer(),
                                box.channels(),
                                box.inner(),
                                center,
                                scale,
                                shift,
                                y);
                yield new Result(Tensor.of(d.shape(), y), finite);
            }
        };
    }

    /// `x·scale`, as a normalization about 0.
    Result scale(Tensor x, ChannelLayout box, double[] scale) {
        double[] zero = new double[scale.length];
        return normalize(x, box, zero, scale, zero);
    }

    void gradientSums(
            Tensor dy,
            Tensor x,
            ChannelLayout box,
            double[] center,
            double[] sum,
            double[] product) {
        switch (dy) {
            case Floats f ->
                    kernel.gradientSums(
                            f.values(),
                            ((Floats) x).values(),
                            box.outer(),
                            box.channels(),
                            box.inner(),
                            center,
                            sum,
                            product);
            case Doubles d ->
                    kernel.gradientSums(
                            d.values(),
                            ((Doubles) x).values(),
                            box.outer(),
                            box.channels(),
                            box.inner(),
                            center,
                            sum,
                            product);
        }
    }

    /// The gradient of a training pass; `sum` and `product` are filled too.
    Result trainingGradient(
            Tensor dy,
            Tensor x,
            ChannelLayout box,
            double[] center,
            double[] inverse,
            double[] scale,
            double[] sum,
            double[] product) {
        return switch (dy) {
            case Floats f -> {
                float[] dx = ArrayPool.FLOATS.take(f.values().length);
                boolean finite =
                        kernel.trainingGradient(
                                f.values(),
                                ((Floats) x).values(),
                                box.outer(),
                                box.channels(),
                                box.inner(),
                                center,
                                inverse,
                                scale,
                                sum,
                                product,
                                dx);
                yield rounded(f, dx, finite);
            }
            case Doubles d -> {
                double[] dx = ArrayPool.DOUBLES.take(d.values().length);
                boolean finite =
                        kernel.trainingGradient(
                                d.values(),
                                ((Doubles) x).values(),
                                box.outer(),
                                box.channels(),
                                box.inner(),
                                center,
                                inverse,
                                scale,
                                sum,
                                product,
                                dx);
                yield new Result(Tensor.of(d.shape(), dx), finite);
            }
        };
    }

    /// The gradient of a training pass whose sums are known.
    Result inputGradient(
            Tensor dy,
            Tensor x,
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
                                box.outer(),
                                box.channels(),
                                box.inner(),
                                center,
                                scale,
                                correction.offset(),
                                correction.slope(),
                                dx);
                yield rounded(f, dx, finite);
            }
            case Doubles d -> {
                double[] dx = ArrayPool.DOUBLES.take(d.values().length);
                boolean finite =
                        kernel.inputGradient(
                                d.values(),
                                ((Doubles) x).values(),
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

    static Result rounded(Floats like, float[] values, boolean finite) {
        DataType dataType = like.dataType();
        boolean stillFinite = finite;
        if (dataType != DataType.FP32) {
            for (int i = 0; i < values.length; i++) {
                values[i] = dataType.round(values[i]);
                stillFinite &= Float.isFinite(values[i]);
            }
        }
        return new Result(Tensor.of(like.shape(), dataType, values), stillFinite);
    }
}
