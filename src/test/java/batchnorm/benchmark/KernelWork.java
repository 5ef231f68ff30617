package batchnorm.benchmark;

import batchnorm.kernel.AffineMap;
import batchnorm.kernel.ChannelArray;
import batchnorm.kernel.ChannelMoments;
import batchnorm.kernel.ChannelSums;
import batchnorm.kernel.Kernel;
import batchnorm.kernel.ScalarKernel;
import batchnorm.kernel.VectorKernel;
import batchnorm.tensor.ChannelLayout;
import java.util.Arrays;
import java.util.Random;

/// The kernel operations of the service on a batch of normal FP32 numbers. An output array is
/// `fresh` (allocated, and zeroed by the JVM, each time) or kept between calls.
final class KernelWork {
    private static final double EPSILON = 1e-5;
    private static final double MOMENTUM = 0.1;

    private final ChannelLayout layout;
    private final int channels;
    private final boolean fresh;
    private final float[] x;
    private final float[] dy;
    private final float[] kept;
    private final double[] gamma;
    private final double[] beta;
    private final double[] runningMean;
    private final double[] runningVariance;
    private double[] mean;
    private final double[] scale;
    private final double[] first;
    private final ChannelSums sums;
    private final double[] inverse;

    KernelWork(int outer, int channels, int inner, boolean fresh) {
        this.layout = new ChannelLayout(outer, channels, inner);
        this.channels = channels;
        this.fresh = fresh;
        Random random = new Random(7);
        int elements = outer * channels * inner;
        x = normal(random, elements);
        dy = normal(random, elements);
        kept = new float[elements];
        gamma = random.doubles(channels, 0.5, 1.5).toArray();
        beta = random.doubles(channels).toArray();
        runningMean = new double[channels];
        runningVariance = new double[channels];
        Arrays.fill(runningVariance, 1);
        mean = new double[channels];
        scale = new double[channels];
        first = new double[channels];
        sums = new ChannelSums(channels);
        inverse = new double[channels];
        train(new ScalarKernel());
    }

    /// Computes statistics, output and running update.
    float[] train(Kernel kernel) {
        ChannelMoments moments = kernel.moments(array(x));
        mean = moments.mean();
        double count = layout.count();
        for (int c = 0; c < channels; c++) {
            double variance = moments.m2()[c] / count;
            scale[c] = gamma[c] / Math.sqrt(variance + EPSILON);
            runningMean[c] += MOMENTUM * (mean[c] - runningMean[c]);
            runningVariance[c] += MOMENTUM * (variance * count / (count - 1) - runningVariance[c]);
        }
        return normalized(kernel, mean, scale);
    }

    float[] infer(Kernel kernel) {
        for (int c = 0; c < channels; c++) {
            first[c] = gamma[c] / Math.sqrt(runningVariance[c] + EPSILON);
        }
        return normalized(kernel, runningMean, first);
    }

    private float[] normalized(Kernel kernel, double[] center, double[] factor) {
        float[] y = output();
        require(kernel.normalize(array(x), new AffineMap(center, factor, beta), array(y)));
        return y;
    }

    /// Computes the gradients of gamma, beta and the input.
    float[] backward(Kernel kernel) {
        for (int c = 0; c < channels; c++) {
            inverse[c] = scale[c] / gamma[c];
        }
        float[] dx = output();
        require(
                kernel.trainingGradient(
                        array(dy), array(x), mean, inverse, scale, sums, array(dx)));
        return dx;
    }

    /// Copies an array, as the memory-bound limit for one input and one output.
    float[] copy() {
        float[] y = output();
        System.arraycopy(x, 0, y, 0, x.length);
        return y;
    }

    /// @throws IllegalStateException unless a kernel's results equal the reference's, bit for bit
    KernelWork checked(VectorKernel kernel) {
        Kernel reference = new ScalarKernel();
        requireSame(infer(reference).clone(), infer(kernel));
        requireSame(backward(reference).clone(), backward(kernel));
        requireSame(train(reference).clone(), train(kernel));
        return this;
    }

    private ChannelArray array(float[] values) {
        return new ChannelArray.Floats(values, layout);
    }

    private float[] output() {
        return fresh ? new float[x.length] : kept;
    }

    private static void requireSame(float[] expected, float[] actual) {
        require(Arrays.equals(expected, actual));
    }

    private static void require(boolean right) {
        if (!right) {
            throw new IllegalStateException("the kernel's results are wrong");
        }
    }

    private static float[] normal(Random random, int elements) {
        float[] values = new float[elements];
        for (int i = 0; i < elements; i++) {
            values[i] = (float) random.nextGaussian();
        }
        return values;
    }
}
