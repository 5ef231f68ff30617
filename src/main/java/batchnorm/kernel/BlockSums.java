package batchnorm.kernel;

import batchnorm.kernel.Box.Block;
import java.util.Arrays;

/// Two sums over the values of each block and channel, and what the values were measured from.
final class BlockSums {
    final double[] center;
    final double[] first;
    final double[] second;
    private final Box box;

    BlockSums(Box box) {
        this.box = box;
        this.center = new double[box.blocks() * box.channels()];
        this.first = new double[center.length];
        this.second = new double[center.length];
    }

    /// Where the arrays have a channel of a block; its neighbours stand beside it.
    int at(Block block, int channel) {
        return block.index() * box.channels() + channel;
    }

    /// Joins the blocks of each of the channels `[from, end)`, in ascending order, by addition.
    void add(int from, int end, double[] firsts, double[] seconds) {
        Arrays.fill(firsts, from, end, 0);
        Arrays.fill(seconds, from, end, 0);
        for (int at = 0; at < first.length; at += box.channels()) {
            for (int channel = from; channel < end; channel++) {
                firsts[channel] += first[at + channel];
                seconds[channel] += second[at + channel];
            }
        }
    }
}
