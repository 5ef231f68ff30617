package batchnorm.codec.json;

import batchnorm.codec.MalformedJson;
import batchnorm.codec.QuotedInput;
import batchnorm.codec.binary.BufferPool;
import batchnorm.codec.decimal.FractionScanner;
import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;

/// The bytes of a JSON body, a bufferful at a time, and the marks between its values (RFC 8259).
///
/// The buffer is open to the readers of numbers and strings, which scan it with indices of their
/// own and then set [#position]. After the last byte stands a 0, which ends every scan: JSON has no
/// such byte.
public final class JsonReader {
    /// How many bytes may be read behind the last one, so that a scan may take many at a time.
    static final int SLACK = FractionScanner.REACH;

    private static final int FIRST_CAPACITY = 1 << 12;
    static final int CAPACITY = 1 << 16;

    byte[] bytes = new byte[FIRST_CAPACITY + SLACK];
    int position;
    int limit;
    boolean ended;

    private final InputStream body;
    private final int maximumDepth;

    /// Whether NaN and the infinities may come without quotes, as many writers of JSON have them.
    private final boolean bareNonFinite;

    /// What was put back, and comes before the rest of the body.
    private ByteBuffer returned = ByteBuffer.allocate(0);

    private long start;
    private int depth;
    private boolean begun;

    JsonReader(InputStream body, int maximumDepth) {
        this(body, maximumDepth, false, 0);
    }

    /// @param start the place of the first byte in what a caller sent, for complaints
    JsonReader(InputStream body, int maximumDepth, boolean bareNonFinite, long start) {
        this.body = body;
        this.maximumDepth = maximumDepth;
        this.bareNonFinite = bareNonFinite;
        this.start = start;
    }

    /// Gives the buffer up; the body stays open. Where reading fails it is left to the collector.
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
        // A buffer that was filled once belongs to a large body: then, and only then, a large one
        // pays.
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

    /// Takes bytes out, to be read elsewhere: as many as there is room for, or all that are left.
    ///
    /// @return the place after the last of them
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

    /// Skips white space and looks at the next byte; 0 at the end of the body.
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

    /// Whether the body has no byte left but white space.
    public boolean atEnd() throws IOException {
        return peek() == 0 && position == limit;
    }

    /// Skips white space and then the given mark, if that is what comes.
    boolean skip(char mark) throws IOException {
        if (peek() != mark) {
            return false;
        }
        position++;
        return true;
    }

    /// Skips white space and then a mark that must come.
    void expect(char mark, String where) throws IOException {
        if (!skip(mark)) {
            throw unexpected("expected '" + mark + "' " + where);
        }
    }

    /// After a value in an object or array: whether another comes. Skips the comma or the closing
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

    /// Tells that the closing mark of the innermost value was skipped.
    void close() {
        depth--;
    }

    /// What kind of value comes, in words: `a string`, `null`.
    ///
    /// @throws MalformedJson when what comes is no value at all
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

    /// Skips `null`, if that is what comes.
    boolean skipNull() throws IOException {
        return peek() == 'n' && JsonWords.read(this, "null");
    }

    /// Whether a NaN or an infinity without quotes comes, where those may come.
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

    /// Skips and returns the NaN or infinity that begins here.
    double bareNonFinite() throws IOException {
        if (bytes[position] == 'N') {
            JsonWords.read(this, "NaN");
            return Double.NaN;
        }
        double sign = skip('-') ? -1 : 1;
        JsonWords.read(this, "Infinity");
        return sign * Double.POSITIVE_INFINITY;
    }

    /// Skips and returns `true` or `false`, one of which begins here.
    boolean bool() throws IOException {
        return bytes[position] == 't'
                ? JsonWords.read(this, "true")
                : !JsonWords.read(this, "false");
    }

    /// The place of [#position] in the body.
    long offset() {
        return start + position;
    }

    /// A complaint about the byte at [#position].
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

    /// A complaint about what is at [#position].
    MalformedJson malformed(String reason) {
        return new MalformedJson(offset(), "byte " + offset() + ": " + reason);
    }
}
