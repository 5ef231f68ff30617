package batchnorm.kernel;

import static org.assertj.core.api.Assertions.assertThat;

/// All that a kernel computes from a batch, in one type.
record Results(
        double[] mean,
        double[] m2,
        double[] y,
        boolean finite,
        double[] sum,
        double[] product,
        double[] dx,
        boolean gradientFinite,
        double[] trainingDx,
        boolean trainingFinite) {

    static Results wide(Kernel kernel, Batch b) {
        int outer = b.outer();
        int channels = b.channels();
        int inner = b.inner();
        double[] center = b.parameters(0.5);
        double[] scale = b.parameters(2);
        double[] shift = b.parameters(-1);
        double[] mean = filled(channels);
        double[] m2 = filled(channels);
        double[] sum = filled(channels);
        double[] product = filled(channels);
        double[] y = filled(b.x().length);
        double[] dx = filled(b.x().length);
        kernel.moments(b.x(), outer, channels, inner, mean, new double[mean.length], m2);
        boolean finite = kernel.normalize(b.x(), outer, channels, inner, center, scale, shift, y);
        kernel.gradientSums(b.dy(), b.x(), outer, channels, inner, center, sum, product);
        boolean gradientFinite =
                kernel.inputGradient(
                        b.dy(), b.x(), outer, channels, inner, center, scale, shift, scale, dx);
        double[] trainingDx = filled(b.x().length);
        boolean trainingFinite =
                kernel.trainingGradient(
                        b.dy(),
                        b.x(),
                        outer,
                        channels,
                        inner,
                        center,
                        scale,
                        shift,
                        filled(channels),
                        filled(channels),
                        trainingDx);
        return new Results(
                mean, m2, y, finite, sum, product, dx, gradientFinite, trainingDx, trainingFinite);
    }

    static Results narrow(Kernel kernel, Batch b) {
        int outer = b.outer();
        int channels = b.channels();
        int inner = b.inner();
        double[] center = b.parameters(0.5);
        double[] scale = b.parameters(2);
        double[] shift = b.parameters(-1);
        double[] mean = filled(channels);
        double[] m2 = filled(channels);
        double[] sum = filled(channels);
        double[] product = filled(channels);
        float[] x = Batch.floats(b.x());
        float[] dy = Batch.floats(b.dy());
        float[] y = Batch.floats(filled(x.length));
        float[] dx = y.clone();
        kernel.moments(x, outer, channels, inner, mean, new double[mean.length], m2);
        boolean finite = kernel.normalize(x, outer, channels, inner, center, scale, shift, y);
        kernel.gradientSums(dy, x, outer, channels, inner, center, sum, product);
        boolean gradientFinite =
                kernel.inputGradient(
                        dy, x, outer, channels, inner, center, scale, shift, scale, dx);
        float[] trainingDx = Batch.floats(filled(x.length));
        boolean trainingFinite =
                kernel.trainingGradient(
                        dy,
                        x,
                        outer,
                        channels,
                        inner,
                        center,
                        scale,
                        shift,
                        filled(channels),
                        filled(channels),
                        trainingDx);
        return new Results(
                mean,
                m2,
                Batch.doubles(y),
                finite,
                sum,
                product,
                Batch.doubles(dx),
                gradientFinite,
                Batch.doubles(trainingDx),
                trainingFinite);
    }

    /// Results start as garbage, so that what a kernel forgets to write is seen.
    private static double[] filled(int length) {
        double[] garbage = new double[length];
        java.util.Arrays.fill(garbage, 12345);
        return garbage;
    }

    void assertSameBits(Results expected, String about) {
        assertBits(about + ": mean", mean, expected.mean);
        assertBits(about + ": m2", m2, expected.m2);
        assertBits(about + ": y", y, expected.y);
        assertBits(about + ": sum", sum, expected.sum);
        assertBits(about + ": product", product, expected.product);
        assertBits(about + ": dx", dx, expected.dx);
        assertBits(about + ": dx of training", trainingDx, expected.trainingDx);
        assertThat(trainingFinite)
                .as(about + ": finite dx of training")
                .isEqualTo(expected.trainingFinite);
        assertThat(finite).as(about + ": finite").isEqualTo(expected.finite);
        assertThat(gradientFinite).as(about + ": finite dx").isEqualTo(expected.gradientFinite);
    }

    private static void assertBits(String about, double[] actual, double[] expected) {
        for (int i = 0; i < expected.length; i++) {
            if (Double.doubleToLongBits(actual[i]) != Double.doubleToLongBits(expected[i])) {
                assertThat(actual[i]).as(about + "[" + i + "]").isEqualTo(expected[i]);
            }
        }
    }
}
