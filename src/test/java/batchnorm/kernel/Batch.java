package batchnorm.kernel;

import batchnorm.fixtures.RandomSeed;
import batchnorm.tensor.ChannelLayout;
import java.util.Random;

/// A batch of random numbers in both types, with the per-channel parameters of kernels.
record Batch(int outer, int channels, int inner, double[] x, double[] dy, long stream) {

    /// Values of standard deviation 1 around a mean; exactly representable as floats.
    static Batch random(int outer, int channels, int inner, double mean, long stream) {
        Random random = RandomSeed.random(stream);
        int elements = outer * channels * inner;
        double[] x = new double[elements];
        double[] dy = new double[elements];
        for (int i = 0; i < elements; i++) {
            x[i] = (float) (mean + random.nextGaussian());
            dy[i] = (float) random.nextGaussian();
        }
        return new Batch(outer, channels, inner, x, dy, stream);
    }

    static ChannelArray array(int outer, int channels, int inner, double[] values) {
        return new ChannelArray.Doubles(values, new ChannelLayout(outer, channels, inner));
    }

    static ChannelArray array(int outer, int channels, int inner, float[] values) {
        return new ChannelArray.Floats(values, new ChannelLayout(outer, channels, inner));
    }

    ChannelArray wide(double[] values) {
        return array(outer, channels, inner, values);
    }

    /// The values in FP32.
    ChannelArray narrow(double[] values) {
        return array(outer, channels, inner, floats(values));
    }

    int channelOf(int index) {
        return index / inner % channels;
    }

    double[] parameters(double around) {
        double[] values = new double[channels];
        for (int channel = 0; channel < channels; channel++) {
            values[channel] = around + Math.sin(channel + 1);
        }
        return values;
    }

    static float[] floats(double... values) {
        float[] narrow = new float[values.length];
        for (int i = 0; i < values.length; i++) {
            narrow[i] = (float) values[i];
        }
        return narrow;
    }

    static double[] doubles(float... values) {
        double[] wide = new double[values.length];
        for (int i = 0; i < values.length; i++) {
            wide[i] = values[i];
        }
        return wide;
    }

    @Override
    public String toString() {
        return "[%d, %d, %d] of stream %d".formatted(outer, channels, inner, stream);
    }
}
