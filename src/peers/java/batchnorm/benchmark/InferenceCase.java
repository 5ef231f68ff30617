package batchnorm.benchmark;

import java.util.Random;

/// A batch of shape `[outer, channels, inner]` and the state of a layer, the same for every
/// library.
final class InferenceCase {
    static final float EPSILON = 1e-5f;

    final int outer;
    final int channels;
    final int inner;
    final float[] x;
    final float[] gamma;
    final float[] beta;
    final float[] mean;
    final float[] variance;

    InferenceCase(int outer, int channels, int inner) {
        this.outer = outer;
        this.channels = channels;
        this.inner = inner;
        Random random = new Random(7);
        x = new float[outer * channels * inner];
        for (int i = 0; i < x.length; i++) {
            x[i] = (float) random.nextGaussian();
        }
        gamma = uniform(random, 0.5f);
        beta = uniform(random, -0.5f);
        mean = uniform(random, -0.5f);
        variance = uniform(random, 0.5f);
    }

    long[] shape() {
        return new long[] {outer, channels, inner};
    }

    private float[] uniform(Random random, float least) {
        float[] values = new float[channels];
        for (int c = 0; c < channels; c++) {
            values[c] = least + random.nextFloat();
        }
        return values;
    }
}
