package batchnorm.kernel;

import batchnorm.kernel.Box.Block;
import java.util.Arrays;

/// `Σdy` and `Σdy·(x-center)` of each block and channel, then of each channel.
final class BlockSums {
    private final Box box;
    private final double[] sums;
    private final double[] products;

    BlockSums(Box box) {
        this.box = box;
        this.sums = new double[box.blocks() * box.channels()];
        this.products = new double[sums.length];
    }

    void put(Block block, int channel, double sum, double product) {
        int at = block.index() * box.channels() + channel;
        sums[at] = sum;
        products[at] = product;
    }

    /// Joins the blocks of each channel, in ascending order.
    void merge(double[] sum, double[] product) {
        merge(0, box.channels(), sum, product);
    }

    /// Joins the blocks of each of the channels `[first, end)`.
    void merge(int first, int end, double[] sum, double[] product) {
        Arrays.fill(sum, first, end, 0);
        Arrays.fill(product, first, end, 0);
        for (int at = 0; at < sums.length; at += box.channels()) {
            for (int channel = first; channel < end; channel++) {
                sum[channel] += sums[at + channel];
                product[channel] += products[at + channel];
            }
        }
    }
}
