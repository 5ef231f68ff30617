package batchnorm.codec.onnx;

import com.google.protobuf.CodedOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.channels.Channels;
import java.nio.channels.FileChannel;
import java.nio.channels.WritableByteChannel;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.NavigableMap;
import java.util.TreeMap;

/// Bytes made of parts of files and of new bytes, in order. Parts of files are copied only when
/// they are written.
public final class Content {
    private static final int LENGTH_DELIMITED = 2;

    /// Bytes, or a [FilePart].
    private final List<Object> parts = new ArrayList<>();

    private long length;

    Content() {}

    static Content of(byte... bytes) {
        return new Content().add(bytes);
    }

    static Content of(FilePart part) {
        return new Content().add(part);
    }

    /// Returns the bytes of a file with some fields replaced.
    ///
    /// @param from the first byte, and `to` the one behind the last
    /// @param replaced the new fields by the offset of the old ones
    static Content spliced(FileChannel file, long from, long to, Replacements replaced) {
        Content content = new Content();
        long at = from;
        for (var each : replaced.fields.subMap((int) from, true, (int) to, false).entrySet()) {
            content.add(new FilePart(file, at, each.getKey() - at));
            content.add(each.getValue().content());
            at = each.getValue().end();
        }
        return content.add(new FilePart(file, at, to - at));
    }

    /// New fields in place of old ones.
    static final class Replacements {
        private final NavigableMap<Integer, Replacement> fields = new TreeMap<>();

        private record Replacement(int end, Content content) {}

        void put(Field old, Content content) {
            fields.put(old.start(), new Replacement(old.end(), content));
        }

        void drop(Field old) {
            put(old, new Content());
        }
    }

    /// Returns this content as a field of a message.
    Content asField(int number) throws IOException {
        byte[] header = new byte[2 * Long.BYTES + Integer.BYTES];
        CodedOutputStream out = CodedOutputStream.newInstance(header);
        out.writeUInt32NoTag(number << 3 | LENGTH_DELIMITED);
        out.writeUInt64NoTag(length);
        Content field = Content.of(Arrays.copyOf(header, out.getTotalBytesWritten()));
        return field.add(this);
    }

    Content add(byte... bytes) {
        parts.add(bytes);
        length += bytes.length;
        return this;
    }

    Content add(FilePart part) {
        if (part.length() > 0) {
            parts.add(part);
            length += part.length();
        }
        return this;
    }

    Content add(Content other) {
        parts.addAll(other.parts);
        length += other.length;
        return this;
    }

    /// Returns the number of bytes.
    public long length() {
        return length;
    }

    /// Writes the bytes. Neither flushes nor closes the stream.
    public void writeTo(OutputStream out) throws IOException {
        WritableByteChannel target = Channels.newChannel(out);
        for (Object part : parts) {
            if (part instanceof FilePart file) {
                file.writeTo(target);
            } else {
                out.write((byte[]) part);
            }
        }
    }
}
