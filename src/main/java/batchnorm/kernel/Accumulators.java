package batchnorm.kernel;

import java.util.Arrays;

/// Two sums over the values of one block and channel, each in sixteen parts.
final class Accumulators {
    /// The number of accumulators after the first step of the addition.
    static final int HALF = Blocks.ACCUMULATORS / 2;

    final double[] first = new double[Blocks.ACCUMULATORS];
    final double[] second = new double[Blocks.ACCUMULATORS];

    void clear() {
        Arrays.fill(first, 0);
        Arrays.fill(second, 0);
    }

    /// Adds by halves: each accumulator to the one eight before it, then four, two, one.
    static double total(double[] a) {
        return total(
                a[0] + a[8],
                a[1] + a[9],
                a[2] + a[10],
                a[3] + a[11],
                a[4] + a[12],
                a[5] + a[13],
                a[6] + a[14],
                a[7] + a[15]);
    }

    /// Returns the total of accumulators after the first step.
    static double totalOfHalves(double[] a) {
        return total(a[0], a[1], a[2], a[3], a[4], a[5], a[6], a[7]);
    }

    private static double total(
            double a, double b, double c, double d, double e, double f, double g, double h) {
        return ((a + e) + (c + g)) + ((b + f) + (d + h));
    }
}
