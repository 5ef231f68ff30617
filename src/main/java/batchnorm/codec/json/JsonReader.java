package batchnorm.codec.json;

import batchnorm.codec.MalformedJson;
import batchnorm.codec.QuotedInput;
import batchnorm.codec.binary.BufferPool;
import batchnorm.codec.decimal.FractionScanner;
import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;

/// Reads the bytes of a JSON body through a buffer, and the marks between its values (RFC 8259).
///
/// The readers of numbers and strings scan the buffer directly and then set [#position]. A 0 after
/// the last byte terminates every scan: it is not valid in JSON.
public final class JsonReader {
    /// The number of readable bytes after the last one, so that scans may read whole words.
    static final int SLACK = FractionScanner.REACH;

    private static final int FIRST_CAPACITY = 1 << 12;
    static final int CAPACITY = 1 << 16;

    byte[] bytes = new byte[FIRST_CAPACITY + SLACK];
    int position;
    int limit;
    boolean ended;

    private final InputStream body;
    private final int maximumDepth;

    /// Whether unquoted NaN and infinities are accepted, as many JSON writers emit them.
    private final boolean bareNonFinite;

    /// Bytes that were put back, read before the rest of the body.
    private ByteBuffer returned = ByteBuffer.allocate(0);

    private long start;
    private int depth;
    private boolean begun;

    JsonReader(InputStream body, int maximumDepth) {
        this(body, maximumDepth, false, 0);
    }

    /// @param start the offset of the first byte in the request, for error messages
    JsonReader(InputStream body, int maximumDepth, boolean bareNonFinite, long start) {
        this.body = body;
        this.maximumDepth = maximumDepth;
        this.bareNonFinite = bareNonFinite;
        this.start = start;
    }

    /// Releases the buffer; the body stays open. After a failure the buffer is garbage-collected.
    public void finish() {
        if (bytes.length == CAPACITY + SLACK) {
            BufferPool.release(bytes);
            bytes = BufferPool.NONE;
        }
    }

    /// Makes at least `count` bytes readable, or all that are left; [#position] may move.
    void require(int count) throws IOException {
        if (limit - position < count && !ended) {
            refill(count);
        }
    }

    private void refill(int count) throws IOException {
        if (!begun) {
            begun = true;
            refill(Math.max(count, BodyStart.LENGTH));
            BodyStart.requireJson(this);
            return;
        }
        int rest = limit - position;
        // A buffer that was filled once indicates a large body, and only then does a larger buffer
        // pay off.
        boolean grow = limit == FIRST_CAPACITY && bytes.length == FIRST_CAPACITY + SLACK;
        byte[] target = grow ? BufferPool.acquire(CAPACITY + SLACK) : bytes;
        System.arraycopy(bytes, position, target, 0, rest);
        bytes = target;
        start += position;
        position = 0;
        limit = rest;
        while (limit < count && !ended) {
            limit += read(bytes, limit, bytes.length - SLACK - limit);
        }
        bytes[limit] = 0;
    }

    private int read(byte[] target, int from, int length) throws IOException {
        if (returned.hasRemaining()) {
            int count = Math.min(length, returned.remaining());
            returned.get(target, from, count);
            return count;
        }
        int read = body.read(target, from, length);
        ended = read < 0;
        return Math.max(read, 0);
    }

    /// Reads bytes into an array, until it is full or the body ends.
    ///
    /// @return the index after the last byte written
    int take(byte[] target, int from, int to) throws IOException {
        int size = Math.min(limit - position, to - from);
        System.arraycopy(bytes, position, target, from, size);
        position += size;
        size += from;
        while (size < to && !ended) {
            int read = read(target, size, to - size);
            start += read;
            size += read;
        }
        return size;
    }

    /// Puts back the last bytes that were taken.
    void putBack(byte[] taken) {
        start -= taken.length;
        ended &= taken.length == 0;
        returned =
                ByteBuffer.allocate(taken.length + returned.remaining())
                        .put(taken)
                        .put(returned)
                        .flip();
    }

    /// Skips white space and returns the next byte without consuming it; 0 at the end of the body.
    public byte peek() throws IOException {
        byte next = bytes[position];
        if (next > ' ') {
            return next;
        }
        return skip();
    }

    private byte skip() throws IOException {
        while (true) {
            byte next = bytes[position];
            if (next == ' ' || next == '\n' || next == '\r' || next == '\t') {
                position++;
            } else if (next == 0 && position == limit && !ended) {
                refill(1);
            } else {
                return next;
            }
        }
    }

    public static boolean beginsNumber(byte next) {
        return (next >= '0' && next <= '9') || next == '-';
    }

    /// Returns whether only white space is left.
    public boolean atEnd() throws IOException {
        return peek() == 0 && position == limit;
    }

    /// Skips white space and then the given mark, if present.
    boolean skip(char mark) throws IOException {
        if (peek() != mark) {
            return false;
        }
        position++;
        return true;
    }

    /// Skips white space and then a required mark.
    void expect(char mark, String where) throws IOException {
        if (!skip(mark)) {
            throw unexpected("expected '" + mark + "' " + where);
        }
    }

    /// Returns whether another value follows in an object or array. Skips the comma or the closing
    /// mark.
    boolean another(char close) throws IOException {
        byte next = peek();
        if (next != ',' && next != close) {
            throw unexpected("expected ',' or '" + close + "' after a value");
        }
        position++;
        return next == ',';
    }

    /// Skips an opening bracket or brace.
    void open() {
        depth++;
        if (depth > maximumDepth) {
            throw malformed("nests deeper than " + maximumDepth + " levels");
        }
        position++;
    }

    /// Leaves the innermost value, whose closing mark was skipped.
    void close() {
        depth--;
    }

    /// Describes the kind of the next value: `a string`, `null`.
    ///
    /// @throws MalformedJson when the next byte does not start a value
    String kind() throws IOException {
        byte next = peek();
        return switch (next) {
            case '"' -> "a string";
            case '{' -> "an object";
            case '[' -> "an array";
            case 't', 'f' -> bool() ? "true" : "false";
            case 'n' -> {
                skipNull();
                yield "null";
            }
            case '-', '0', '1', '2', '3', '4', '5', '6', '7', '8', '9' -> "a number";
            default ->
                    throw JsonWords.isLetter(next)
                            ? JsonWords.unknown(this)
                            : unexpected("expected a value");
        };
    }

    /// Skips `null`, if present.
    boolean skipNull() throws IOException {
        return peek() == 'n' && JsonWords.read(this, "null");
    }

    /// Returns whether an unquoted NaN or infinity comes next, where accepted.
    boolean atBareNonFinite() throws IOException {
        if (!bareNonFinite) {
            return false;
        }
        byte next = peek();
        if (next == '-') {
            require(2);
            next = bytes[position + 1];
        }
        return next == 'N' || next == 'I';
    }

    /// Reads the NaN or infinity at the position.
    double bareNonFinite() throws IOException {
        if (bytes[position] == 'N') {
            JsonWords.read(this, "NaN");
            return Double.NaN;
        }
        double sign = skip('-') ? -1 : 1;
        JsonWords.read(this, "Infinity");
        return sign * Double.POSITIVE_INFINITY;
    }

    /// Reads `true` or `false` at the position.
    boolean bool() throws IOException {
        return bytes[position] == 't'
                ? JsonWords.read(this, "true")
                : !JsonWords.read(this, "false");
    }

    /// Returns the offset of [#position] in the body.
    long offset() {
        return start + position;
    }

    /// Returns an exception about the byte at [#position].
    public MalformedJson unexpected(String expected) {
        byte found = bytes[position];
        if (position == limit) {
            return malformed(expected + ", but the body ends");
        }
        boolean nonFinite =
                found == 'N' || found == 'I' || ((found == 'n' || found == 'i') && follows('-'));
        return malformed(
                expected
                        + ", but found "
                        + QuotedInput.of(found)
                        + (nonFinite ? JsonWords.NON_FINITE_ARE_STRINGS : ""));
    }

    private boolean follows(char mark) {
        return position > 0 && bytes[position - 1] == mark;
    }

    /// Returns an exception about the value at [#position].
    MalformedJson malformed(String reason) {
        return new MalformedJson(offset(), "byte " + offset() + ": " + reason);
    }
}
