package batchnorm.normalization;

import java.util.Arrays;

/// The weight of each position of a batch in its statistics. A position is one value of every
/// channel: a batch `[N, C, H, W]` has `N·H·W` of them, in row-major order.
///
/// The array is shared, never written.
public final class Weights {
    private final double[] values;
    private final double total;
    private final int counting;

    /// @param values 0 or more, finite, with a finite sum
    Weights(double[] values) {
        double sum = 0;
        int positive = 0;
        for (double value : values) {
            sum += value;
            positive += value > 0 ? 1 : 0;
        }
        this.values = values;
        this.total = sum;
        this.counting = positive;
    }

    double[] values() {
        return values;
    }

    /// Returns the `m` of the formulas.
    public double total() {
        return total;
    }

    /// Returns the number of positions whose weight is not 0.
    int counting() {
        return counting;
    }

    /// Returns whether every weight is 1.
    boolean areAllOne() {
        for (double value : values) {
            if (value != 1) {
                return false;
            }
        }
        return true;
    }

    /// Returns the weights of the positions `[from, to)`.
    Weights slice(int from, int to) {
        return new Weights(Arrays.copyOfRange(values, from, to));
    }

    public long bytes() {
        return (long) Double.BYTES * values.length;
    }
}
