package batchnorm.cli;

import java.io.FilterInputStream;
import java.io.IOException;
import java.io.InputStream;

/// Reports on a terminal how much of a long file has been read.
final class Progress extends FilterInputStream {
    private static final long LONG = 1 << 26;
    private static final int PERCENT = 100;

    private final String name;
    private final long size;
    private final StandardStreams streams;
    private long count;
    private long reported;

    private Progress(InputStream file, String name, long size, StandardStreams streams) {
        super(file);
        this.name = name;
        this.size = size;
        this.streams = streams;
    }

    static InputStream of(InputStream file, String name, long size, StandardStreams streams) {
        return size >= LONG && streams.isTerminal()
                ? new Progress(file, name, size, streams)
                : file;
    }

    @Override
    public int read() throws IOException {
        int value = super.read();
        add(value < 0 ? 0 : 1);
        return value;
    }

    @Override
    public int read(byte[] target, int offset, int length) throws IOException {
        int bytes = super.read(target, offset, length);
        add(Math.max(bytes, 0));
        return bytes;
    }

    private void add(int bytes) {
        count += bytes;
        long percent = count * PERCENT / size;
        if (percent != reported) {
            reported = percent;
            streams.err().print("\r" + name + ": " + percent + " %");
            streams.err().flush();
        }
    }

    /// Erases the line.
    @Override
    public void close() throws IOException {
        super.close();
        if (reported > 0) {
            streams.err().print("\r\033[K");
            streams.err().flush();
        }
    }
}
