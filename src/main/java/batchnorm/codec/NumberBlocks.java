package batchnorm.codec;

import java.io.IOException;
import java.io.OutputStream;
import java.util.concurrent.ForkJoinPool;
import java.util.concurrent.Semaphore;
import java.util.concurrent.atomic.AtomicBoolean;

/// Long arrays of numbers as JSON text, by several cores. Blocks of the array are turned into text
/// by whoever comes first, the caller or a helper of the common pool, and go out in order. Where
/// all helpers are busy with other requests, the caller does everything itself and waits for
/// nobody.
final class NumberBlocks {
    /// Elements of a block; its text fits a core's cache.
    private static final int BLOCK = 1 << 13;

    /// From so many elements on, a helper is worth waking.
    static final int WORTHWHILE = 1 << 16;

    private final Block[] ring;

    /// @param length of the array
    /// @param numbers writes the elements `[from, to)` of the array
    NumberBlocks(int length, Numbers numbers) {
        int blocks = Math.ceilDiv(length, BLOCK);
        ring = new Block[Math.min(blocks, 2 * (ForkJoinPool.getCommonPoolParallelism() + 1))];
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
    private static final class Block implements Runnable {
        private final Numbers numbers;
        private final DecimalWriter decimals = new DecimalWriter();
        private final byte[] text = new byte[BLOCK * (DecimalWriter.ROOM + 1)];
        private final AtomicBoolean open = new AtomicBoolean();
        private final Semaphore done = new Semaphore(0);
        private int from;
        private int to;
        private int size;

        Block(Numbers numbers) {
            this.numbers = numbers;
        }

        /// Lets whoever comes first write these elements.
        void offer(int first, int end) {
            from = first;
            to = end;
            open.set(true);
            ForkJoinPool.commonPool().execute(this);
        }

        /// A helper's turn. It may come late, to a block that the caller has taken or offered anew:
        /// either way what is open is what is to be written.
        @Override
        public void run() {
            if (open.compareAndSet(true, false)) {
                try {
                    size = numbers.write(decimals, text, from, to);
                } finally {
                    done.release();
                }
            }
        }

        /// Returns when the text is there.
        void finish() {
            run();
            done.acquireUninterruptibly();
        }
    }
}
