package batchnorm.kernel;

/// Computes `Σdy` and `Σdy·(x-center)` of an array, for all channels or for a range.
final class GradientReduction {
    private final ChannelSums totals;
    private final BlockSums blocks;
    private final BlockReduction reduction;

    /// @param totals receives the results
    GradientReduction(Blocks blocks, BlockReduction.Loops loops, ChannelSums totals) {
        this.totals = totals;
        this.blocks = new BlockSums(blocks);
        this.reduction = new BlockReduction(blocks, loops, this.blocks);
    }

    void all(WorkerPool cores) {
        reduction.run(cores);
        blocks.add(0, totals.sum().length, totals);
    }

    /// Sums the channels `[first, end)` on the caller's thread.
    void some(int first, int end) {
        reduction.run(first, end);
        blocks.add(first, end, totals);
    }
}
