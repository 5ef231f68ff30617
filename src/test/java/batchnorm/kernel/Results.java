package batchnorm.kernel;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Arrays;
import java.util.function.Function;

/// All results of a kernel for a batch, in one type.
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
        return of(kernel, b, b::wide);
    }

    static Results narrow(Kernel kernel, Batch b) {
        return of(kernel, b, b::narrow);
    }

    private static Results of(Kernel kernel, Batch b, Function<double[], ChannelArray> type) {
        ChannelArray x = type.apply(b.x());
        ChannelArray dy = type.apply(b.dy());
        double[] center = b.parameters(0.5);
        double[] scale = b.parameters(2);
        double[] shift = b.parameters(-1);
        ChannelMoments moments = kernel.moments(x);
        ChannelArray y = type.apply(filled(b.x().length));
        boolean finite = kernel.normalize(x, new AffineMap(center, scale, shift), y);
        ChannelSums sums = new ChannelSums(filled(b.channels()), filled(b.channels()));
        kernel.gradientSums(dy, x, center, sums);
        ChannelArray dx = type.apply(filled(b.x().length));
        GradientMap map = new GradientMap(center, scale, shift, scale);
        boolean gradientFinite = kernel.inputGradient(dy, x, map, dx);
        ChannelArray trainingDx = type.apply(filled(b.x().length));
        ChannelSums trainingSums = new ChannelSums(filled(b.channels()), filled(b.channels()));
        boolean trainingFinite =
                kernel.trainingGradient(dy, x, center, scale, shift, trainingSums, trainingDx);
        return new Results(
                moments.mean(),
                moments.m2(),
                doubles(y),
                finite,
                sums.sum(),
                sums.product(),
                doubles(dx),
                gradientFinite,
                doubles(trainingDx),
                trainingFinite);
    }

    private static double[] doubles(ChannelArray array) {
        double[] values = new double[array.layout().elements()];
        Arrays.setAll(values, array::at);
        return values;
    }

    /// Results start as garbage to reveal elements that a kernel does not write.
    private static double[] filled(int length) {
        double[] garbage = new double[length];
        Arrays.fill(garbage, 12345);
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
