package batchnorm.codec.onnx;

import batchnorm.codec.Codec;
import batchnorm.codec.MalformedTensor;
import com.google.protobuf.CodedInputStream;
import com.google.protobuf.InvalidProtocolBufferException;
import com.google.protobuf.WireFormat;
import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.List;

/// Reads messages of Protocol Buffers front to back. Every length is compared with the enclosing
/// message, and the outermost one with the file, before memory is spent.
final class FieldReader {
    /// More nodes, tensors, attributes and names of values than models of 50,000 nodes have.
    private static final int MAX_OBJECTS = 1 << 20;

    /// Bytes counted for each object with its entries in lists and maps.
    private static final int BYTES_OF_OBJECT = 128;

    private static final int COUNTED_TOGETHER = 1 << 9;

    /// No name is as long.
    private static final int MAX_NAME = 1 << 16;

    /// Graphs in graphs, with their nodes and attributes.
    private static final int MAX_DEPTH = 64;

    private static final int SHOWN_DEPTH = 6;

    private final CodedInputStream in;
    private final int base;
    private final Codec.Memory memory;
    private final Deque<String> place = new ArrayDeque<>();
    private int objects;

    /// The current field: its tag, and the offsets of [Field] in the stream.
    private int tag;

    private int start;
    private int content;
    private int end;

    /// @param base the offset of the stream in the file
    /// @param length of the stream
    /// @param memory counts what is kept of the messages
    FieldReader(InputStream file, int base, int length, Codec.Memory memory) throws IOException {
        this.in = CodedInputStream.newInstance(file);
        this.base = base;
        this.memory = memory;
        in.pushLimit(length);
    }

    /// Reads the fields of a message.
    @FunctionalInterface
    interface Fields {
        /// Reads the content of the current field by a method of the reader, or nothing of it.
        void read(int number) throws IOException;
    }

    /// Reads the fields of the outermost message.
    ///
    /// @throws MalformedTensor naming the place
    void root(Fields fields) throws IOException {
        try {
            fields(fields);
        } catch (InvalidProtocolBufferException e) {
            throw malformed("a field is cut off, or its tag or type is inconsistent");
        }
    }

    /// Reads the content of the current field as a message.
    void message(String name, Fields fields) throws IOException {
        place.addLast(name);
        if (place.size() > MAX_DEPTH) {
            throw malformed("messages are nested more than " + MAX_DEPTH + " deep");
        }
        int outer = in.pushLimit(length());
        fields(fields);
        in.popLimit(outer);
        place.removeLast();
    }

    private void fields(Fields fields) throws IOException {
        while (next()) {
            int before = in.getTotalBytesRead();
            int current = tag;
            int currentEnd = end;
            fields.read(WireFormat.getTagFieldNumber(current));
            if (in.getTotalBytesRead() == before) {
                skip(current, currentEnd - before);
            }
        }
    }

    private boolean next() throws IOException {
        start = in.getTotalBytesRead();
        tag = in.readTag();
        if (tag == 0) {
            return false;
        }
        boolean sized = WireFormat.getTagWireType(tag) == WireFormat.WIRETYPE_LENGTH_DELIMITED;
        int length = sized ? in.readRawVarint32() : 0;
        int left = in.getBytesUntilLimit();
        if (length < 0 || length > left) {
            throw malformed(
                    "field %d has a length of %s bytes, but its message has %d left"
                            .formatted(
                                    WireFormat.getTagFieldNumber(tag),
                                    Integer.toUnsignedString(length),
                                    left));
        }
        content = in.getTotalBytesRead();
        end = content + length;
        return true;
    }

    private void skip(int skipped, int length) throws IOException {
        if (WireFormat.getTagWireType(skipped) == WireFormat.WIRETYPE_LENGTH_DELIMITED) {
            in.skipRawBytes(length);
        } else {
            in.skipField(skipped);
        }
    }

    /// Returns the place of the current field, which has a length.
    Field field() {
        requireType(WireFormat.WIRETYPE_LENGTH_DELIMITED);
        return new Field(
                WireFormat.getTagFieldNumber(tag), base + start, base + content, base + end);
    }

    /// Returns whether the current field has a length, as messages, text and packed lists have.
    boolean isSized() {
        return WireFormat.getTagWireType(tag) == WireFormat.WIRETYPE_LENGTH_DELIMITED;
    }

    /// Reads the current field, which has no length.
    ///
    /// @return its place
    Field scalar() throws IOException {
        int number = WireFormat.getTagFieldNumber(tag);
        int from = base + start;
        int begin = base + content;
        in.skipField(tag);
        return new Field(number, from, begin, base + in.getTotalBytesRead());
    }

    private int length() {
        requireType(WireFormat.WIRETYPE_LENGTH_DELIMITED);
        return end - content;
    }

    private void requireType(int type) {
        if (WireFormat.getTagWireType(tag) != type) {
            throw malformed(
                    "field %d has wire type %d, but must have %d"
                            .formatted(
                                    WireFormat.getTagFieldNumber(tag),
                                    WireFormat.getTagWireType(tag),
                                    type));
        }
    }

    /// Reads the content of the current field as a name, and counts it.
    String name() throws IOException {
        int length = length();
        if (length > MAX_NAME) {
            throw malformed("a name has more than " + MAX_NAME + " bytes");
        }
        count(1 + length / BYTES_OF_OBJECT);
        try {
            return StandardCharsets.UTF_8
                    .newDecoder()
                    .decode(ByteBuffer.wrap(in.readRawBytes(length)))
                    .toString();
        } catch (CharacterCodingException e) {
            throw malformed("a name is not UTF-8");
        }
    }

    long integer() throws IOException {
        requireType(WireFormat.WIRETYPE_VARINT);
        return in.readRawVarint64();
    }

    float number() throws IOException {
        requireType(WireFormat.WIRETYPE_FIXED32);
        return Float.intBitsToFloat(in.readRawLittleEndian32());
    }

    /// Reads the integers of the current field: one, or a packed list of them.
    ///
    /// @param most integers, beyond which the file is rejected
    void integers(List<Long> integers, int most) throws IOException {
        if (!isSized()) {
            add(integers, integer(), most);
            return;
        }
        int outer = in.pushLimit(length());
        while (!in.isAtEnd()) {
            add(integers, in.readRawVarint64(), most);
        }
        in.popLimit(outer);
    }

    private void add(List<Long> integers, long value, int most) {
        if (integers.size() == most) {
            throw malformed("a list of integers has more than " + most);
        }
        integers.add(value);
    }

    /// Counts objects that are kept.
    void count(int more) {
        for (int i = 0; i < more; i++) {
            if (objects == MAX_OBJECTS) {
                throw malformed("the model has more than " + MAX_OBJECTS + " nodes and values");
            }
            if (objects % COUNTED_TOGETHER == 0) {
                memory.reserve((long) COUNTED_TOGETHER * BYTES_OF_OBJECT);
            }
            objects++;
        }
    }

    MalformedTensor malformed(String reason) {
        String path = String.join(" > ", place.stream().limit(SHOWN_DEPTH).toList());
        return OnnxModel.malformed(
                "byte %d, in %s%s: %s"
                        .formatted(
                                base + (long) in.getTotalBytesRead(),
                                path.isEmpty() ? "the model" : path,
                                place.size() > SHOWN_DEPTH ? " > …" : "",
                                reason));
    }
}
