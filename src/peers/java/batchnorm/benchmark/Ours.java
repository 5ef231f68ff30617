package batchnorm.benchmark;

import batchnorm.kernel.Kernel;

/// This project's kernel, into a fresh array each time.
final class Ours implements Peer {
    private final Kernel kernel = Kernel.fastest();
    private final InferenceCase given;
    private final double[] center;
    private final double[] scale;
    private final double[] shift;

    Ours(InferenceCase given) {
        this.given = given;
        center = new double[given.channels];
        scale = new double[given.channels];
        shift = new double[given.channels];
    }

    @Override
    public float[] infer() {
        for (int c = 0; c < given.channels; c++) {
            center[c] = given.mean[c];
            scale[c] =
                    given.gamma[c] / Math.sqrt((double) given.variance[c] + InferenceCase.EPSILON);
            shift[c] = given.beta[c];
        }
        float[] y = new float[given.x.length];
        kernel.normalize(
                given.x, given.outer, given.channels, given.inner, center, scale, shift, y);
        return y;
    }
}
