package batchnorm.kernel;

/// A row-major box `[outer, channels, inner]` and how each of its channels is cut into blocks,
/// which decides the order of every sum (see [Kernel]): `floor(2048 / inner)` whole planes, or 2048
/// positions of one plane where planes are longer than that.
record Box(int outer, int channels, int inner) {

    /// The most values of one channel in a block: small enough that both a block and its rounding
    /// errors stay small (a shift that is an outlier costs a relative 2048·2⁻⁵³ of a variance),
    /// large enough that joining is cheap.
    static final int BLOCK = 2048;

    /// The values of one plane and block, or of one row, that are summed independently.
    static final int ACCUMULATORS = 16;

    int elements() {
        return outer * channels * inner;
    }

    /// The elements from one plane of a channel to its next.
    int stride() {
        return channels * inner;
    }

    /// Whether planes are so short that each position is a column, with an accumulator of its own.
    boolean isColumnar() {
        return inner <= ACCUMULATORS;
    }

    int blocks() {
        return Math.ceilDiv(outer, planesPerBlock()) * blocksPerPlane();
    }

    int blocksPerPlane() {
        return Math.ceilDiv(inner, BLOCK);
    }

    Block block(int index) {
        int plane = index / blocksPerPlane() * planesPerBlock();
        int position = index % blocksPerPlane() * BLOCK;
        return new Block(
                index,
                plane * stride() + position,
                Math.min(planesPerBlock(), outer - plane),
                Math.min(BLOCK, inner - position));
    }

    private int planesPerBlock() {
        return Math.max(1, BLOCK / Math.max(1, inner));
    }

    /// One block of every channel: `planes` runs of `length` adjacent values, [Box#stride] apart,
    /// of which those of channel 0 begin at `start`.
    record Block(int index, int start, int planes, int length) {
        int count() {
            return planes * length;
        }

        /// The positions of a plane that fill all accumulators equally.
        int whole() {
            return length - rest();
        }

        int rest() {
            return length % ACCUMULATORS;
        }
    }
}
