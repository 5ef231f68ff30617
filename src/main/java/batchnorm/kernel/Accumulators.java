package batchnorm.kernel;

import java.util.Arrays;

/// Two sums over the values of one block and channel, each in sixteen parts.
final class Accumulators {
    final double[] first = new double[Box.ACCUMULATORS];
    final double[] second = new double[Box.ACCUMULATORS];

    void clear() {
        Arrays.fill(first, 0);
        Arrays.fill(second, 0);
    }

    /// Adds by halves: each part that of eight further, then four, two, one.
    static double total(double[] a) {
        double zero = (a[0] + a[8]) + (a[4] + a[12]);
        double one = (a[1] + a[9]) + (a[5] + a[13]);
        double two = (a[2] + a[10]) + (a[6] + a[14]);
        double three = (a[3] + a[11]) + (a[7] + a[15]);
        return (zero + two) + (one + three);
    }
}
