package batchnorm.codec.json;

import batchnorm.codec.binary.BufferPool;
import batchnorm.codec.decimal.BatchFloatFormatter;
import batchnorm.codec.decimal.DecimalWriter;
import batchnorm.codec.decimal.DoubleText;
import batchnorm.codec.decimal.NumberText;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import org.jspecify.annotations.Nullable;

/// Writes JSON's marks, names, strings and numbers as bytes, through a buffer.
final class JsonWriter {
    private static final int FIRST_CAPACITY = 1 << 12;
    private static final int CAPACITY = 1 << 16;

    private final OutputStream body;
    private final DecimalWriter decimals = new DecimalWriter();
    private byte[] bytes = new byte[FIRST_CAPACITY];
    private int size;
    private @Nullable BatchFloatFormatter lanes;

    JsonWriter(OutputStream body) {
        this.body = body;
    }

    void mark(char mark) throws IOException {
        reserve(1);
        bytes[size++] = (byte) mark;
    }

    /// Writes ASCII text without escapes.
    void plain(String text) throws IOException {
        reserve(text.length());
        for (int i = 0; i < text.length(); i++) {
            bytes[size++] = (byte) text.charAt(i);
        }
    }

    void name(String name) throws IOException {
        string(name);
        mark(':');
    }

    /// Writes text in quotes. An unpaired surrogate becomes an escape, as UTF-8 cannot encode it.
    void string(String text) throws IOException {
        mark('"');
        for (int i = 0; i < text.length(); i++) {
            character(text, i);
        }
        mark('"');
    }

    private void character(String text, int index) throws IOException {
        char character = text.charAt(index);
        if (character == '"' || character == '\\') {
            mark('\\');
            mark(character);
        } else if (character < ' ' || character == 0x7F) {
            plain(String.format("\\u%04x", (int) character));
        } else if (character < 0x7F) {
            mark(character);
        } else if (!Character.isSurrogate(character)) {
            raw(String.valueOf(character).getBytes(StandardCharsets.UTF_8));
        } else if (Character.isHighSurrogate(character)
                && index + 1 < text.length()
                && Character.isLowSurrogate(text.charAt(index + 1))) {
            raw(text.substring(index, index + 2).getBytes(StandardCharsets.UTF_8));
        } else if (!(Character.isLowSurrogate(character)
                && index > 0
                && Character.isHighSurrogate(text.charAt(index - 1)))) {
            plain(String.format("\\u%04x", (int) character));
        }
    }

    void number(double value) throws IOException {
        reserve(DecimalWriter.ROOM);
        size = decimals.write(bytes, size, value);
    }

    /// Writes the elements `[from, to)`, separated by commas.
    void numbers(double[] values, int from, int to) throws IOException {
        if (to - from >= NumberBlocks.WORTHWHILE) {
            flush();
            new NumberBlocks(to - from, () -> new DoubleText(values)).write(from, to, body);
        } else {
            numbers(new DoubleText(values), from, to);
        }
    }

    /// Writes the elements `[from, to)`, separated by commas. Faster when calls continue in the
    /// same array.
    void numbers(float[] values, int from, int to) throws IOException {
        if (to - from >= NumberBlocks.WORTHWHILE) {
            flush();
            new NumberBlocks(to - from, () -> new BatchFloatFormatter(values))
                    .write(from, to, body);
        } else {
            if (lanes == null || !lanes.areOf(values)) {
                lanes = new BatchFloatFormatter(values);
            }
            numbers(lanes, from, to);
        }
    }

    private void numbers(NumberText numbers, int from, int to) throws IOException {
        for (int next = from; next < to; ) {
            reserve(DecimalWriter.ROOM + 1);
            // The number of elements that fit in any case.
            int batch = Math.min(to - next, (bytes.length - size) / (DecimalWriter.ROOM + 1));
            size = numbers.write(bytes, size, next, next + batch);
            next += batch;
        }
        size -= to > from ? 1 : 0;
    }

    /// Writes bytes unchanged.
    void raw(byte[] source) throws IOException {
        if (source.length > CAPACITY) {
            flush();
            body.write(source);
            return;
        }
        reserve(source.length);
        System.arraycopy(source, 0, bytes, size, source.length);
        size += source.length;
    }

    /// Ensures free space for `count` bytes, at most the capacity. Only a long body acquires a
    /// large buffer.
    private void reserve(int count) throws IOException {
        if (bytes.length - size >= count) {
            return;
        }
        if (bytes.length < CAPACITY) {
            byte[] larger = BufferPool.acquire(CAPACITY);
            System.arraycopy(bytes, 0, larger, 0, size);
            bytes = larger;
        }
        if (bytes.length - size < count) {
            flush();
        }
    }

    /// Flushes the buffer to the body and releases it; the body stays open.
    void finish() throws IOException {
        flush();
        if (bytes.length == CAPACITY) {
            BufferPool.release(bytes);
            bytes = BufferPool.NONE;
        }
    }

    private void flush() throws IOException {
        body.write(bytes, 0, size);
        size = 0;
    }
}
