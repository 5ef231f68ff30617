package batchnorm.kernel;

import batchnorm.kernel.Box.Block;

/// The walk over a box that adds up two sums for each block and channel, in parts that may run on
/// any thread.
final class Summation {
    /// The innermost loops, for one type of array.
    interface Loops {
        /// Adds up one block of a channel, whose first plane begins at `start`: two vectors' worth
        /// of the accumulators, from `lane` on. Where vectors are short, the block is in the cache
        /// when the next turn comes.
        void along(Block block, int start, int lane, double center, Accumulators sums);

        /// Adds adjacent columns of four rows, the first of which begins at `start`: sums travel
        /// between memory and registers once for all of them.
        void fourRows(int start, Columns sums);

        /// Adds adjacent columns of the row that begins at `start`.
        void oneRow(int start, Columns sums);
    }

    /// What a channel's values are measured from, in the block that begins at `start`.
    interface Center {
        double of(int channel, int start);
    }

    /// Takes the sums of one block and channel.
    interface Receiver {
        void put(Block block, int channel, double center, double first, double second);
    }

    /// Enough work to be worth a handover between threads.
    private static final int ELEMENTS = 1 << 15;

    /// The fewest adjacent elements that rows are read by: several cache lines, so that prefetching
    /// still works.
    private static final int COLUMNS = 512;

    private final Box box;
    private final Loops loops;
    private final Center center;
    private final Receiver receiver;

    Summation(Box box, Loops loops, Center center, Receiver receiver) {
        this.box = box;
        this.loops = loops;
        this.center = center;
        this.receiver = receiver;
    }

    /// Blocks are taken in the order of memory: planes that share a block (a group), their
    /// channels, the blocks of one plane. A part is some of the `channels · blocksPerPlane` blocks
    /// of one group.
    void run(Cores cores) {
        if (box.elements() == 0) {
            return;
        }
        int perPlane = box.blocksPerPlane();
        int inGroup = box.channels() * perPlane;
        int wanted = Math.max(ELEMENTS / box.block(0).count(), COLUMNS / box.inner());
        int inPart = Math.clamp(wanted, 1, inGroup);
        int parts = Math.ceilDiv(inGroup, inPart);
        cores.all(
                box.blocks() / perPlane * parts,
                index -> {
                    int from = index % parts * inPart;
                    run(index / parts * perPlane, from, Math.min(from + inPart, inGroup));
                    return true;
                });
    }

    /// Adds up the channels `[first, end)` on the caller's thread.
    void run(int first, int end) {
        int perPlane = box.blocksPerPlane();
        for (int block = 0; block < box.blocks(); block += perPlane) {
            run(block, first * perPlane, end * perPlane);
        }
    }

    private void run(int firstBlock, int from, int to) {
        if (box.isColumnar()) {
            across(box.block(firstBlock), from, to);
        } else {
            along(firstBlock, from, to);
        }
    }

    private void along(int firstBlock, int from, int to) {
        int perPlane = box.blocksPerPlane();
        Accumulators sums = new Accumulators();
        Block block = box.block(firstBlock + from % perPlane);
        for (int index = from; index < to; index++) {
            along(block, index / perPlane, sums);
            if (perPlane > 1) {
                block = box.block(firstBlock + (index + 1) % perPlane);
            }
        }
    }

    private void along(Block block, int channel, Accumulators sums) {
        int start = block.start() + channel * box.inner();
        double middle = center.of(channel, start);
        for (int lane = 0; lane < Box.ACCUMULATORS; lane += 2 * Lanes.COUNT) {
            loops.along(block, start, lane, middle, sums);
        }
        receiver.put(
                block,
                channel,
                middle,
                Accumulators.total(sums.first),
                Accumulators.total(sums.second));
    }

    private void across(Block block, int from, int to) {
        Columns sums = new Columns(to - from, box.inner());
        int start = block.start() + from * box.inner();
        for (int channel = from; channel < to; channel++) {
            sums.center(channel - from, center.of(channel, block.start() + channel * box.inner()));
        }
        int row = 0;
        for (; row + 4 <= block.planes(); row += 4) {
            loops.fourRows(start + row * box.stride(), sums);
        }
        for (; row < block.planes(); row++) {
            loops.oneRow(start + row * box.stride(), sums);
        }
        for (int channel = from; channel < to; channel++) {
            int column = channel - from;
            receiver.put(
                    block,
                    channel,
                    sums.center[column * box.inner()],
                    sums.total(sums.first, column),
                    sums.total(sums.second, column));
        }
    }
}
