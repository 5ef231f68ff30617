package batchnorm.codec.npy;

import batchnorm.codec.Codec;
import batchnorm.codec.MalformedTensor;
import batchnorm.codec.QuotedInput;
import batchnorm.codec.binary.BinaryBody;
import batchnorm.codec.binary.BinaryElements;
import batchnorm.codec.binary.Integers;
import batchnorm.tensor.DataType;
import batchnorm.tensor.Shape;
import batchnorm.tensor.Tensor;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/// One array of an .npy body after its header, positioned at the elements; also writes arrays.
///
/// @param path the name for error messages
/// @param kind the kind of element, by NumPy's letters: f, i, u, b, U
/// @param width the bytes of an element; for U, characters
record NpyArray(
        NpyHeader header, String path, char kind, int width, ByteOrder order, Codec.Memory memory) {
    /// More than any valid name has.
    private static final int MAX_CHARACTERS = 4096;

    /// Bytes of a character.
    private static final int CHARACTER = 4;

    /// NumPy's aliases of types.
    private static final Map<String, String> ALIASES =
            Map.ofEntries(
                    Map.entry("e", "f2"),
                    Map.entry("half", "f2"),
                    Map.entry("float16", "f2"),
                    Map.entry("f", "f4"),
                    Map.entry("single", "f4"),
                    Map.entry("float32", "f4"),
                    Map.entry("d", "f8"),
                    Map.entry("float", "f8"),
                    Map.entry("double", "f8"),
                    Map.entry("float64", "f8"),
                    Map.entry("b", "i1"),
                    Map.entry("int8", "i1"),
                    Map.entry("h", "i2"),
                    Map.entry("int16", "i2"),
                    Map.entry("i", "i4"),
                    Map.entry("int32", "i4"),
                    Map.entry("q", "i8"),
                    Map.entry("int64", "i8"),
                    Map.entry("B", "u1"),
                    Map.entry("uint8", "u1"),
                    Map.entry("H", "u2"),
                    Map.entry("uint16", "u2"),
                    Map.entry("I", "u4"),
                    Map.entry("uint32", "u4"),
                    Map.entry("Q", "u8"),
                    Map.entry("uint64", "u8"),
                    Map.entry("?", "b1"),
                    Map.entry("bool", "b1"));

    static NpyArray read(BinaryBody body, String path, Codec.Limits limits) throws IOException {
        NpyHeader header = NpyHeader.read(body, path);
        limits.require(header.shape(), path);
        String descr = header.descr();
        boolean ordered = !descr.isEmpty() && "<>=|".indexOf(descr.charAt(0)) >= 0;
        String own = ordered ? descr.substring(1) : descr;
        // NumPy accepts a byte order in front of a letter, not in front of a word.
        String type = own.length() == 1 || !ordered ? ALIASES.getOrDefault(own, own) : own;
        if (!type.matches("[a-zA-Z][0-9]{0,6}")) {
            throw new MalformedTensor(
                    path, path + " has the unknown type " + QuotedInput.of(descr));
        }
        if (type.equals("O")) {
            throw new MalformedTensor(
                    path,
                    path + " is an object array (pickle), which is never read; send plain floats");
        }
        int width = type.length() == 1 ? 0 : Integer.parseInt(type.substring(1));
        // '=' is the writer's native order: little-endian on all current machines.
        ByteOrder order = descr.charAt(0) == '>' ? ByteOrder.BIG_ENDIAN : ByteOrder.LITTLE_ENDIAN;
        return new NpyArray(header, path, type.charAt(0), width, order, limits.memory());
    }

    Tensor toTensor(BinaryBody body) throws IOException {
        if (kind != 'f' || (width != 2 && width != 4 && width != 8)) {
            throw wrongType("binary floats: <f2, <f4 or <f8 (such as array.astype(numpy.float32))");
        }
        DataType dataType = width == 2 ? DataType.FP16 : width == 4 ? DataType.FP32 : DataType.FP64;
        if (!header.fortranOrder() || header.shape().rank() < 2) {
            return BinaryElements.read(body, header.shape(), dataType, order, memory);
        }
        Shape reversed = FortranOrder.reversed(header.shape());
        Tensor tensor = BinaryElements.read(body, reversed, dataType, order, memory);
        return rowMajor(tensor);
    }

    /// Returns the transposed tensor through an index of each element.
    private Tensor rowMajor(Tensor tensor) {
        long elements = tensor.shape().elements();
        int bytes = tensor instanceof Tensor.Doubles ? Double.BYTES : Float.BYTES;
        memory.reserve(elements * (bytes + Integer.BYTES));
        Tensor transposed = FortranOrder.toRowMajor(tensor);
        memory.reserve(-elements * (bytes + Integer.BYTES));
        return transposed;
    }

    /// Reads booleans as 1 and 0, or numbers.
    Tensor toMask(BinaryBody body) throws IOException {
        if (kind != 'b' || width != 1) {
            return toTensor(body);
        }
        int elements = header.shape().elements();
        memory.reserve((long) elements * (1 + Float.BYTES));
        byte[] bytes = new byte[elements];
        body.read(bytes, "booleans");
        float[] values = new float[bytes.length];
        for (int i = 0; i < values.length; i++) {
            values[i] = bytes[i] == 0 ? 0 : 1;
        }
        return !header.fortranOrder() || header.shape().rank() < 2
                ? Tensor.of(header.shape(), values)
                : rowMajor(Tensor.of(FortranOrder.reversed(header.shape()), values));
    }

    double[] toVector(BinaryBody body) throws IOException {
        if (header.shape().rank() != 1) {
            throw new MalformedTensor(
                    path, path + " has shape " + header.shape() + ", but must have one dimension");
        }
        return toTensor(body).toDoubles();
    }

    /// Returns the reason why [#toStored] cannot read the array, or null if it can.
    @Nullable String unreadable() {
        if (kind == 'f' && (width == 2 || width == 4 || width == 8)) {
            return null;
        }
        if ((kind != 'i' && kind != 'u') || !Integers.isWidth(width)) {
            return "its type %s is none of floats and integers".formatted(header.descr());
        }
        return header.shape().elements() == 1
                ? null
                : "its type is %s and its shape %s; integers are read one at a time"
                        .formatted(header.descr(), header.shape());
    }

    /// Reads a tensor of floats, or the integer of an array of one element.
    Object toStored(BinaryBody body) throws IOException {
        return kind == 'f'
                ? toTensor(body)
                : Integers.read(body, width, kind == 'i', order).toStored();
    }

    /// Returns the bytes of the elements.
    long bytes() {
        return (long) width * (kind == 'U' ? CHARACTER : 1) * header.shape().elements();
    }

    double toNumber(BinaryBody body) throws IOException {
        requireScalar();
        return kind == 'f' ? toTensor(body).at(0) : toInteger(body);
    }

    long toInteger(BinaryBody body) throws IOException {
        requireScalar();
        if ((kind != 'i' && kind != 'u') || !Integers.isWidth(width)) {
            throw wrongType("an integer");
        }
        Integers.Value value = Integers.read(body, width, kind == 'i', order);
        if (value.isTooLarge()) {
            throw new MalformedTensor(path, path + " is beyond 63 bits");
        }
        return value.bits();
    }

    boolean toBool(BinaryBody body) throws IOException {
        requireScalar();
        if (kind != 'b' || width != 1) {
            throw wrongType("a boolean");
        }
        body.require(1, "a boolean");
        return body.buffer.get() != 0;
    }

    String toText(BinaryBody body) throws IOException {
        requireScalar();
        if (kind != 'U' || width > MAX_CHARACTERS) {
            throw wrongType("text, of at most " + MAX_CHARACTERS + " characters");
        }
        byte[] bytes = new byte[CHARACTER * width];
        body.read(bytes, "text");
        ByteBuffer buffer = ByteBuffer.wrap(bytes).order(order);
        StringBuilder text = new StringBuilder();
        while (buffer.hasRemaining()) {
            int codePoint = buffer.getInt();
            if (!Character.isValidCodePoint(codePoint)) {
                throw new MalformedTensor(path, path + " is not valid UTF-32");
            }
            text.appendCodePoint(codePoint);
        }
        // NumPy pads with zeros, and drops all of them on reading.
        return text.toString().replaceFirst("\0+$", "");
    }

    private void requireScalar() {
        if (header.shape().rank() != 0) {
            throw new MalformedTensor(
                    path,
                    path + " has shape " + header.shape() + ", but must be a scalar of shape ()");
        }
    }

    private MalformedTensor wrongType(String expected) {
        return new MalformedTensor(
                path, path + " has type " + header.descr() + ", but must be " + expected);
    }

    /// Writes a tensor with its header.
    static void write(Tensor tensor, OutputStream body) throws IOException {
        body.write(header(tensor));
        BinaryElements.write(
                tensor instanceof Tensor.Floats halves && halves.dataType() == DataType.BF16
                        ? rounded(halves)
                        : tensor,
                body);
    }

    /// Returns the bytes of a tensor with its header.
    static long length(Tensor tensor) {
        int width = tensor.dataType() == DataType.BF16 ? Float.BYTES : tensor.dataType().bytes();
        return header(tensor).length + (long) width * tensor.shape().elements();
    }

    private static byte[] header(Tensor tensor) {
        String descr =
                switch (tensor.dataType()) {
                    case FP64 -> "<f8";
                    case FP32, BF16 -> "<f4";
                    case FP16 -> "<f2";
                };
        return new NpyHeader(descr, false, tensor.shape()).toBytes();
    }

    private static Tensor rounded(Tensor.Floats tensor) {
        float[] values = new float[tensor.values().length];
        for (int i = 0; i < values.length; i++) {
            values[i] = DataType.BF16.round(tensor.values()[i]);
        }
        return Tensor.of(tensor.shape(), values);
    }

    /// Writes any value that an array can hold: a tensor, a vector, or a scalar of no dimensions.
    static void write(Object value, OutputStream body) throws IOException {
        switch (value) {
            case Tensor tensor -> write(tensor, body);
            case double[] vector -> write(Tensor.of(Shape.of(vector.length), vector), body);
            case Double number -> write(Tensor.of(Shape.of(), number.doubleValue()), body);
            case Long integer -> {
                ByteBuffer bytes = ByteBuffer.allocate(8).order(ByteOrder.LITTLE_ENDIAN);
                bytes.putLong(integer);
                writeScalar("<i8", bytes.array(), body);
            }
            case Boolean bool -> writeScalar("|b1", new byte[] {(byte) (bool ? 1 : 0)}, body);
            case String text -> {
                byte[] characters = text.getBytes(StandardCharsets.UTF_32LE);
                writeScalar("<U" + characters.length / CHARACTER, characters, body);
            }
            default ->
                    throw new IllegalArgumentException("an array cannot hold " + value.getClass());
        }
    }

    private static void writeScalar(String descr, byte[] bytes, OutputStream body)
            throws IOException {
        body.write(new NpyHeader(descr, false, Shape.of()).toBytes());
        body.write(bytes);
    }
}
