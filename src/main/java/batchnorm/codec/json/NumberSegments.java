package batchnorm.codec.json;

import batchnorm.codec.binary.BufferPool;
import batchnorm.codec.decimal.NumberScanner;
import java.io.ByteArrayOutputStream;
import java.io.IOException;

/// Parses long arrays of numbers from JSON text on several cores. The body is split after commas
/// into segments. They are parsed as [HelpableTask]s while the next segments arrive, and consumed
/// in order.
///
/// Only plain numbers are parsed here. Before any other value, valid or not, the remaining bytes
/// are put back. The sequential reader continues there and reports each error at its offset.
final class NumberSegments {
    /// The number of elements from which waking a helper pays off.
    static final int WORTHWHILE = 1 << 15;

    /// The bytes of a segment. The first segment drains the reader's buffer of the same capacity.
    private static final int CAPACITY = JsonReader.CAPACITY;

    private final JsonReader reader;
    private final TensorBuilder elements;
    private final Segment[] ring;
    private int offered;
    private int taken;

    NumberSegments(JsonReader reader, TensorBuilder elements) {
        this.reader = reader;
        this.elements = elements;
        ring = new Segment[HelpableTask.count()];
        for (int i = 0; i < ring.length; i++) {
            ring[i] = new Segment(elements.apart(CAPACITY / 2));
        }
    }

    /// Reads numbers, each followed by a comma, as long as they are plain and expected. May be
    /// called once.
    ///
    /// @return whether enough numbers were read to try again after the next value
    boolean read() throws IOException {
        boolean more = true;
        do {
            while (more && offered - taken < ring.length) {
                more = offerNext();
            }
            if (!takeNext()) {
                break;
            }
        } while (taken < offered);
        putBack();
        for (Segment segment : ring) {
            segment.release();
        }
        return taken >= ring.length;
    }

    /// Fills a segment and offers it to the helpers.
    ///
    /// @return whether another segment follows
    private boolean offerNext() throws IOException {
        Segment segment = ring[offered % ring.length];
        segment.fill(reader, offered == 0 ? segment : ring[(offered - 1) % ring.length]);
        offered++;
        segment.offer();
        return !reader.ended && segment.end > segment.start;
    }

    /// @return whether the whole segment was plain
    private boolean takeNext() {
        Segment segment = ring[taken % ring.length];
        segment.finish(ring, taken, offered);
        if (!elements.addAll(segment.numbers)) {
            segment.position = segment.start;
            return false;
        }
        if (segment.position < segment.end) {
            return false;
        }
        taken++;
        return true;
    }

    /// Puts back the bytes from the first unread position on.
    private void putBack() {
        ByteArrayOutputStream rest = new ByteArrayOutputStream();
        Segment last = ring[(offered - 1) % ring.length];
        for (int i = taken; i < offered; i++) {
            Segment segment = ring[i % ring.length];
            int from = segment.position;
            if (i > taken) {
                segment.finish(ring, i, offered);
                from = 0;
            }
            rest.write(segment.bytes, from, segment.end - from);
        }
        rest.write(last.bytes, last.end, last.limit - last.end);
        reader.putBack(rest.toByteArray());
    }

    /// A piece of the body, reused for a later piece once its numbers are consumed.
    private static final class Segment extends HelpableTask {
        private final NumberScanner scanner = new NumberScanner();
        private final byte[] bytes = BufferPool.acquire(CAPACITY + JsonReader.SLACK);
        private final TensorBuilder numbers;

        /// The start of the range to parse, from a number to the position after a comma.
        private int start;

        private int end;

        /// The position after the last byte; trailing bytes may belong to the next segment.
        private int limit;

        /// The position where parsing stopped.
        private int position;

        Segment(TensorBuilder numbers) {
            this.numbers = numbers;
        }

        void fill(JsonReader reader, Segment previous) throws IOException {
            int carried = previous.limit - previous.end;
            System.arraycopy(previous.bytes, previous.end, bytes, 0, carried);
            limit = reader.take(bytes, carried, CAPACITY);
            bytes[limit] = 0;
            start = limit > 0 && bytes[0] == ' ' ? 1 : 0;
            end = limit;
            while (end > start && bytes[end - 1] != ',') {
                end--;
            }
        }

        void release() {
            BufferPool.release(bytes);
            numbers.release();
        }

        @Override
        void work() {
            position = numbers.readAgain(scanner, bytes, start, end);
        }
    }
}
