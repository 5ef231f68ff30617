package batchnorm.kernel;

import batchnorm.kernel.Blocks.Block;
import batchnorm.tensor.ChannelLayout;

/// Computes two sums for each block and channel of an array, in parts that may run on any thread.
final class BlockReduction {
    /// The innermost loops, for one type of array.
    interface Loops {
        /// Chooses the values that a block is measured from, in each of the channels `[first,
        /// end)`.
        ///
        /// @param at the index of the first of them
        void center(Block block, int first, int end, double[] centers, int at);

        /// Sums one block of a channel whose first plane begins at `start`. Uses the accumulators
        /// of one vector from `lane` on and those eight further, and adds the latter to the former.
        /// With short vectors, the block is cached for the next call.
        void along(Block block, int start, int lane, double center, Accumulators halves);

        /// Adds adjacent columns of four rows, the first of which begins at `start`. Sums are
        /// loaded and stored once for all four.
        void fourRows(int start, Columns sums);

        /// Adds adjacent columns of the row that begins at `start`.
        void oneRow(int start, Columns sums);
    }

    /// The number of elements that justify a handover between threads.
    private static final int ELEMENTS = 1 << 15;

    /// The minimum number of adjacent elements read per row: several cache lines, for prefetching.
    private static final int COLUMNS = 512;

    private final Blocks blocks;
    private final ChannelLayout layout;
    private final Loops loops;
    private final BlockSums sums;

    BlockReduction(Blocks blocks, Loops loops, BlockSums sums) {
        this.blocks = blocks;
        this.layout = blocks.layout();
        this.loops = loops;
        this.sums = sums;
    }

    /// Processes blocks in memory order: planes that share a block (a group), their channels, the
    /// blocks of one plane. A part is a subset of the `channels · blocksPerPlane` blocks of one
    /// group.
    void run(WorkerPool cores) {
        if (layout.elements() == 0) {
            return;
        }
        int perPlane = blocks.perPlane();
        int inGroup = layout.channels() * perPlane;
        int preferred = Math.max(ELEMENTS / blocks.block(0).count(), COLUMNS / layout.inner());
        int inPart = Math.clamp(preferred, 1, inGroup);
        int parts = Math.ceilDiv(inGroup, inPart);
        cores.all(
                blocks.count() / perPlane * parts,
                index -> {
                    int from = index % parts * inPart;
                    run(index / parts * perPlane, from, Math.min(from + inPart, inGroup));
                    return true;
                });
    }

    /// Sums the channels `[first, end)` on the caller's thread.
    void run(int first, int end) {
        int perPlane = blocks.perPlane();
        for (int block = 0; block < blocks.count(); block += perPlane) {
            run(block, first * perPlane, end * perPlane);
        }
    }

    private void run(int firstBlock, int from, int to) {
        if (Blocks.areColumns(layout)) {
            across(blocks.block(firstBlock), from, to);
        } else {
            along(firstBlock, from, to);
        }
    }

    private void along(int firstBlock, int from, int to) {
        Accumulators halves = new Accumulators();
        int perPlane = blocks.perPlane();
        int channels = perPlane == 1 ? to - from : 1;
        for (int index = from; index < to; index += channels) {
            Block block = blocks.block(firstBlock + index % perPlane);
            along(block, index / perPlane, index / perPlane + channels, halves);
        }
    }

    private void along(Block block, int first, int end, Accumulators halves) {
        loops.center(block, first, end, sums.center, sums.at(block, first));
        for (int channel = first; channel < end; channel++) {
            int at = sums.at(block, channel);
            int start = block.start() + channel * layout.inner();
            for (int lane = 0; lane < Accumulators.HALF; lane += Lanes.COUNT) {
                loops.along(block, start, lane, sums.center[at], halves);
            }
            sums.first[at] = Accumulators.totalOfHalves(halves.first);
            sums.second[at] = Accumulators.totalOfHalves(halves.second);
        }
    }

    private void across(Block block, int first, int end) {
        int at = sums.at(block, first);
        loops.center(block, first, end, sums.center, at);
        Columns columns = new Columns(sums, at, end - first, layout.inner());
        int start = block.start() + first * layout.inner();
        int row = 0;
        for (; row + 4 <= block.planes(); row += 4) {
            loops.fourRows(start + row * layout.stride(), columns);
        }
        for (; row < block.planes(); row++) {
            loops.oneRow(start + row * layout.stride(), columns);
        }
        columns.total();
    }
}
