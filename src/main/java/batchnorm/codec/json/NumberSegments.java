package batchnorm.codec.json;

import batchnorm.codec.binary.BufferPool;
import batchnorm.codec.decimal.NumberScanner;
import java.io.ByteArrayOutputStream;
import java.io.IOException;

/// Long arrays of numbers from JSON text, by several cores: the body is cut behind commas into
/// segments, which are read as [HelpableTask]s while the next ones come in, and taken in order.
///
/// Only plain numbers are read here. At the first of anything else, also of anything wrong, the
/// bytes from there on are put back, and the reader goes on alone: it finds every mistake at its
/// place.
final class NumberSegments {
    /// From so many elements on, a helper is worth waking.
    static final int WORTHWHILE = 1 << 15;

    /// Bytes of a segment: as many as the reader's own buffer has, which is emptied into the first.
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

    /// Reads numbers, each with the comma that follows, for as long as they are plain and expected;
    /// once.
    ///
    /// @return whether there were enough of them for another try, when what comes next is read
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

    /// Fills a segment and lets a helper read it.
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

    /// What was not taken in, from the first segment's position on.
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

    /// A piece of the body, used again for a later piece when its numbers are taken.
    private static final class Segment extends HelpableTask {
        private final NumberScanner scanner = new NumberScanner();
        private final byte[] bytes = BufferPool.acquire(CAPACITY + JsonReader.SLACK);
        private final TensorBuilder numbers;

        /// What is read here: from a number to behind a comma.
        private int start;

        private int end;

        /// Behind the last byte, some of which belong to the next segment.
        private int limit;

        /// Where reading stopped.
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
