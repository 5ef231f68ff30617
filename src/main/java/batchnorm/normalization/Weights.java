package batchnorm.normalization;

import java.util.Arrays;

/// How much each position of a batch counts in its statistics. A position is one value of every
/// channel: of a batch `[N, C, H, W]` there are `N·H·W`, in row-major order.
///
/// The array is shared, never written.
public final class Weights {
    private final double[] values;
    private final double total;
    private final int counting;

    /// @param values 0 or more, finite, and so is their sum
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

    /// The `m` of the formulas.
    public double total() {
        return total;
    }

    /// Positions whose weight is not 0.
    int counting() {
        return counting;
    }

    /// Whether this is as good as no weights.
    boolean areAllOne() {
        for (double value : values) {
            if (value != 1) {
                return false;
            }
        }
        return true;
    }

    /// Those of the positions `[from, to)`.
    Weights slice(int from, int to) {
        return new Weights(Arrays.copyOfRange(values, from, to));
    }

    public long bytes() {
        return (long) Double.BYTES * values.length;
    }
}
