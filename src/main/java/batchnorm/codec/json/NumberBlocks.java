package batchnorm.codec.json;

import batchnorm.codec.binary.BufferPool;
import batchnorm.codec.decimal.DecimalWriter;
import batchnorm.codec.decimal.NumberText;
import java.io.IOException;
import java.io.OutputStream;
import java.util.function.Supplier;

/// Formats long arrays of numbers as JSON text on several cores. Blocks of the array are formatted
/// as [HelpableTask]s and written in order.
final class NumberBlocks {
    /// The number of elements of a block; its text fits a core's cache.
    private static final int BLOCK = 1 << 13;

    /// The number of elements from which waking a helper pays off.
    static final int WORTHWHILE = 1 << 16;

    private final Block[] ring;

    /// @param length of the array
    /// @param numbers creates a formatter of the array, for one block at a time
    NumberBlocks(int length, Supplier<NumberText> numbers) {
        ring = new Block[Math.min(Math.ceilDiv(length, BLOCK), HelpableTask.count())];
        for (int i = 0; i < ring.length; i++) {
            ring[i] = new Block(numbers.get());
        }
    }

    /// Writes the elements `[from, to)`, separated by commas. May be called once.
    void write(int from, int to, OutputStream body) throws IOException {
        int blocks = Math.ceilDiv(to - from, BLOCK);
        int offered = 0;
        for (int taken = 0; taken < blocks; taken++) {
            for (; offered < Math.min(blocks, taken + ring.length); offered++) {
                int first = from + offered * BLOCK;
                ring[offered % ring.length].offer(first, Math.min(first + BLOCK, to));
            }
            Block block = ring[taken % ring.length];
            block.finish(ring, taken, offered);
            boolean last = taken + 1 == blocks;
            body.write(block.text, 0, last ? block.size - 1 : block.size);
        }
        for (Block block : ring) {
            BufferPool.release(block.text);
        }
    }

    /// The text of one block, reused for a later block once it is written.
    private static final class Block extends HelpableTask {
        private final NumberText numbers;
        private final byte[] text = BufferPool.acquire(BLOCK * (DecimalWriter.ROOM + 1));
        private int from;
        private int to;
        private int size;

        Block(NumberText numbers) {
            this.numbers = numbers;
        }

        void offer(int first, int end) {
            from = first;
            to = end;
            offer();
        }

        @Override
        void work() {
            size = numbers.write(text, 0, from, to);
        }
    }
}
