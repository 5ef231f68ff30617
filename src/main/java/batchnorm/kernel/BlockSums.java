package batchnorm.kernel;

import batchnorm.kernel.Blocks.Block;
import java.util.Arrays;

/// Two sums over the values of each block and channel, and the values they are measured from.
final class BlockSums {
    final double[] center;
    final double[] first;
    final double[] second;
    private final int channels;

    BlockSums(Blocks blocks) {
        this.channels = blocks.layout().channels();
        this.center = new double[blocks.count() * channels];
        this.first = new double[center.length];
        this.second = new double[center.length];
    }

    /// Returns the index of a channel of a block; adjacent channels are adjacent.
    int at(Block block, int channel) {
        return block.index() * channels + channel;
    }

    /// Stores the totals of a block of a channel.
    void put(Block block, int channel, Accumulators sums) {
        first[at(block, channel)] = Accumulators.total(sums.first);
        second[at(block, channel)] = Accumulators.total(sums.second);
    }

    /// Adds the blocks of each of the channels `[from, end)`, in ascending order.
    void add(int from, int end, ChannelSums totals) {
        double[] firsts = totals.sum();
        double[] seconds = totals.product();
        Arrays.fill(firsts, from, end, 0);
        Arrays.fill(seconds, from, end, 0);
        for (int at = 0; at < first.length; at += channels) {
            for (int channel = from; channel < end; channel++) {
                firsts[channel] += first[at + channel];
                seconds[channel] += second[at + channel];
            }
        }
    }
}
