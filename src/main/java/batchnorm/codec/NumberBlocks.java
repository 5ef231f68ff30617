package batchnorm.codec;

import java.io.IOException;
import java.io.OutputStream;

/// Long arrays of numbers as JSON text, by several cores: blocks of the array are turned into text
/// as [SharedTask]s, and go out in order.
final class NumberBlocks {
    /// Elements of a block; its text fits a core's cache.
    private static final int BLOCK = 1 << 13;

    /// From so many elements on, a helper is worth waking.
    static final int WORTHWHILE = 1 << 16;

    private final Block[] ring;

    /// @param length of the array
    /// @param numbers writes the elements `[from, to)` of the array
    NumberBlocks(int length, Numbers numbers) {
        ring = new Block[Math.min(Math.ceilDiv(length, BLOCK), SharedTask.count())];
        for (int i = 0; i < ring.length; i++) {
            ring[i] = new Block(numbers);
        }
    }

    /// Writes elements of an array into a buffer that has room for them, each followed by a comma.
    interface Numbers {
        /// @return the place behind the last comma
        int write(DecimalWriter decimals, byte[] text, int from, int to);
    }

    /// Writes the elements `[from, to)`, separated by commas.
    void write(int from, int to, OutputStream body) throws IOException {
        int offered = from;
        int taken = 0;
        for (int next = from; next < to; next += BLOCK) {
            while (offered < to && offered - next < ring.length * BLOCK) {
                ring[(offered - from) / BLOCK % ring.length].offer(
                        offered, Math.min(offered + BLOCK, to));
                offered += BLOCK;
            }
            Block block = ring[taken++ % ring.length];
            block.finish();
            boolean last = next + BLOCK >= to;
            body.write(block.text, 0, last ? block.size - 1 : block.size);
        }
    }

    /// One block's text, used again for a later block when it is written.
    private static final class Block extends SharedTask {
        private final Numbers numbers;
        private final DecimalWriter decimals = new DecimalWriter();
        private final byte[] text = new byte[BLOCK * (DecimalWriter.ROOM + 1)];
        private int from;
        private int to;
        private int size;

        Block(Numbers numbers) {
            this.numbers = numbers;
        }

        void offer(int first, int end) {
            from = first;
            to = end;
            offer();
        }

        @Override
        void work() {
            size = numbers.write(decimals, text, from, to);
        }
    }
}
