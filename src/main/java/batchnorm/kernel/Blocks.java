package batchnorm.kernel;

import batchnorm.tensor.ChannelLayout;

/// Splits each channel of an array into blocks. They determine the order of every sum (see
/// [Kernel]). A block has `floor(2048 / inner)` whole planes, or 2048 positions of one plane if
/// planes are longer.
record Blocks(ChannelLayout layout) {

    /// The maximum number of values of one channel in a block. Small enough to bound rounding
    /// errors (a shift that is an outlier costs a relative 2048·2⁻⁵³ of a variance), large enough
    /// to merge cheaply.
    static final int BLOCK = 2048;

    /// The number of independent sums for the values of one plane and block, or of one row.
    static final int ACCUMULATORS = 16;

    /// Returns whether planes are so short that each position has its own accumulator.
    static boolean areColumns(ChannelLayout layout) {
        return layout.inner() <= ACCUMULATORS;
    }

    int count() {
        return Math.ceilDiv(layout.outer(), planesEach()) * perPlane();
    }

    int perPlane() {
        return Math.ceilDiv(layout.inner(), BLOCK);
    }

    Block block(int index) {
        int plane = index / perPlane() * planesEach();
        int position = index % perPlane() * BLOCK;
        return new Block(
                index,
                plane * layout.stride() + position,
                Math.min(planesEach(), layout.outer() - plane),
                Math.min(BLOCK, layout.inner() - position));
    }

    private int planesEach() {
        return Math.max(1, BLOCK / Math.max(1, layout.inner()));
    }

    /// One block of every channel: `planes` runs of `length` adjacent values,
    /// [ChannelLayout#stride] apart, of which those of channel 0 begin at `start`.
    record Block(int index, int start, int planes, int length) {
        int count() {
            return planes * length;
        }

        /// Returns the number of positions of a plane that fill all accumulators equally.
        int whole() {
            return length - rest();
        }

        int rest() {
            return length % ACCUMULATORS;
        }
    }
}
