package batchnorm.kernel;

import java.util.Arrays;

/// Two sums over the values of one block for each column of some adjacent channels: a channel's
/// `inner` columns (16 at most) are its first `inner` accumulators, the others stay 0.
final class Columns {
    final double[] center;
    final double[] first;
    final double[] second;
    private final int inner;

    Columns(int channels, int inner) {
        this.inner = inner;
        this.center = new double[channels * inner];
        this.first = new double[center.length];
        this.second = new double[center.length];
    }

    int width() {
        return center.length;
    }

    void center(int channel, double value) {
        Arrays.fill(center, channel * inner, (channel + 1) * inner, value);
    }

    /// The total of one channel, counted from the first here, of [#first] or [#second].
    double total(double[] sums, int channel) {
        if (inner == 1) {
            return sums[channel];
        }
        double[] parts = new double[Box.ACCUMULATORS];
        System.arraycopy(sums, channel * inner, parts, 0, inner);
        return Accumulators.total(parts);
    }
}
