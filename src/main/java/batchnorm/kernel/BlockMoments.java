package batchnorm.kernel;

import batchnorm.kernel.Box.Block;
import java.util.Arrays;

/// Mean and M2 of each block and channel, then of each channel.
///
/// A block's mean is kept as its shift and the step from there, so that means are compared at the
/// scale of the values' spread, whatever their size.
final class BlockMoments {
    private final Box box;
    private final double[] shifts;
    private final double[] steps;
    private final double[] m2s;

    BlockMoments(Box box) {
        this.box = box;
        this.shifts = new double[box.blocks() * box.channels()];
        this.steps = new double[shifts.length];
        this.m2s = new double[shifts.length];
    }

    /// Takes one channel of a block by its sums about a shift: `sum = Σd` and `square = Σd²` of `d
    /// = x - shift`.
    void put(Block block, int channel, double shift, double sum, double square) {
        int at = block.index() * box.channels() + channel;
        double step = sum / block.count();
        shifts[at] = shift;
        steps[at] = step;
        // Math.max keeps a NaN; rounding alone can take the difference below 0.
        m2s[at] = Math.max(0, Math.fma(-sum, step, square));
    }

    /// Joins the blocks of each channel, in ascending order.
    ///
    /// @param rest what rounding left of each mean, exactly
    void merge(double[] mean, double[] rest, double[] m2) {
        if (box.blocks() == 0) {
            Arrays.fill(mean, 0, box.channels(), 0);
            Arrays.fill(rest, 0, box.channels(), 0);
            Arrays.fill(m2, 0, box.channels(), 0);
            return;
        }
        System.arraycopy(steps, 0, mean, 0, box.channels());
        System.arraycopy(m2s, 0, m2, 0, box.channels());
        double count = box.block(0).count();
        for (int index = 1; index < box.blocks(); index++) {
            double added = box.block(index).count();
            double weight = count * added / (count + added);
            count += added;
            merge(index * box.channels(), added / count, weight, mean, m2);
        }
        for (int channel = 0; channel < box.channels(); channel++) {
            double step = mean[channel];
            mean[channel] = shifts[channel] + step;
            double added = mean[channel] - shifts[channel];
            rest[channel] = shifts[channel] - (mean[channel] - added) + (step - added);
        }
    }

    /// Chan's merge of the block whose channels begin at `at`; means are steps from the shift of
    /// the first block.
    private void merge(int at, double share, double weight, double[] mean, double[] m2) {
        for (int channel = 0; channel < box.channels(); channel++) {
            double step = shifts[at + channel] - shifts[channel] + steps[at + channel];
            double difference = step - mean[channel];
            mean[channel] = Math.fma(difference, share, mean[channel]);
            m2[channel] += Math.fma(difference * difference, weight, m2s[at + channel]);
        }
    }
}
