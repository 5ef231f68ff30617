package batchnorm.codec.json;

import batchnorm.codec.Codec;
import batchnorm.codec.InvalidField;
import batchnorm.codec.MalformedTensor;
import batchnorm.codec.Signature;
import batchnorm.codec.TensorForm;
import batchnorm.codec.binary.BinaryBody;
import batchnorm.codec.binary.BinaryElements;
import batchnorm.tensor.DataType;
import batchnorm.tensor.InvalidShape;
import batchnorm.tensor.Shape;
import batchnorm.tensor.Tensor;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.nio.ByteOrder;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/// Reads one tensor in any of its forms. Shape, datatype and data of an object may come in any
/// order.
public final class JsonTensorReader {
    private static final Signature FIELDS =
            Signature.of(
                    Signature.vector("shape"),
                    Signature.text("datatype"),
                    Signature.vector("data"),
                    Signature.text("base64"));

    private final JsonReader reader;
    private final NumberReader numbers;
    private final JsonStringReader strings;
    private final JsonWalker walker;
    private final Codec.Limits limits;
    private final String path;
    private boolean booleans;
    private boolean mayBeBool;
    private boolean bool;

    private @Nullable Shape shape;
    private @Nullable DataType dataType;
    private @Nullable TensorBuilder elements;
    private @Nullable Shape found;
    private byte @Nullable [] bytes;
    private TensorForm form = TensorForm.BARE;

    public JsonTensorReader(
            JsonReader reader,
            NumberReader numbers,
            JsonStringReader strings,
            Codec.Limits limits,
            String path) {
        this.reader = reader;
        this.numbers = numbers;
        this.strings = strings;
        this.walker = new JsonWalker(reader, strings);
        this.limits = limits;
        this.path = path;
    }

    /// Accepts true as 1 and false as 0.
    public JsonTensorReader allowingBooleans() {
        booleans = true;
        return allowingBool();
    }

    /// Accepts the datatype `BOOL`, stored as FP32.
    public JsonTensorReader allowingBool() {
        mayBeBool = true;
        return this;
    }

    /// Returns the form of the tensor that was read.
    TensorForm form() {
        return form;
    }

    Tensor read() throws IOException {
        byte next = reader.peek();
        if (next == '[') {
            return bare();
        }
        if (next != '{') {
            throw new InvalidField(
                    path,
                    "\"%s\" must be a tensor, {\"shape\": […], \"data\": […]} or nested arrays, but was %s"
                            .formatted(path, reader.kind()));
        }
        fields();
        return tensor();
    }

    /// Returns the tensor assembled from the fields read so far.
    public Tensor tensor() throws IOException {
        DataType last = dataType == null ? DataType.FP64 : dataType;
        if (bytes != null) {
            return fromBytes(bytes, last);
        }
        if (elements == null) {
            throw new MalformedTensor(path, path + " has neither \"data\" nor \"base64\"");
        }
        return fromElements(elements, last);
    }

    private Tensor bare() throws IOException {
        TensorBuilder values = new TensorBuilder(DataType.FP64, 0, limits);
        Shape bare = array(path, values).read(null);
        return values.toTensor(limits.require(bare, path), DataType.FP64);
    }

    private void fields() throws IOException {
        form = TensorForm.FLAT;
        walker.object(
                path + ".",
                FIELDS,
                name -> {
                    if (!reader.skipNull()) {
                        field(name);
                    }
                });
    }

    /// Reads the value of a field.
    public void field(String name) throws IOException {
        switch (name) {
            case "shape" -> shape = readShape();
            case "datatype" -> dataType = readDataType();
            case "data" -> data();
            default -> base64();
        }
    }

    private Shape readShape() throws IOException {
        String field = path + ".shape";
        if (reader.peek() != '[') {
            throw new MalformedTensor(
                    field, field + " must be an array of integers, but was " + reader.kind());
        }
        int[] dimensions = new int[Shape.MAX_RANK];
        int rank =
                walker.array(index -> {
                    if (index == Shape.MAX_RANK) {
                        throw new MalformedTensor(
                                field, field + " has more than " + Shape.MAX_RANK + " dimensions");
                    }
                    dimensions[index] = dimension(field + "[" + index + "]");
                });
        try {
            return limits.require(Shape.of(Arrays.copyOf(dimensions, rank)), path);
        } catch (InvalidShape e) {
            throw new MalformedTensor(field, field + ": " + e.getMessage());
        }
    }

    private int dimension(String field) throws IOException {
        byte next = reader.peek();
        String expected = field + " must be an integer from 0 to " + Shape.MAX_ELEMENTS;
        if (!JsonReader.beginsNumber(next)) {
            throw new MalformedTensor(field, expected + ", but was " + reader.kind());
        }
        NumberLiteral literal = numbers.literal();
        try {
            long dimension = literal.toLong();
            if (dimension >= 0
                    && dimension <= Shape.MAX_ELEMENTS
                    && !(literal.negative() && dimension == 0)) {
                return (int) dimension;
            }
            throw new MalformedTensor(
                    field, expected + ", but was " + (literal.negative() ? "negative" : dimension));
        } catch (NumberFormatException e) {
            String found =
                    !literal.isInteger()
                            ? "fractional"
                            : literal.negative() ? "negative" : "larger";
            throw new MalformedTensor(field, expected + ", but was " + found);
        }
    }

    private DataType readDataType() throws IOException {
        String name = DataTypeName.read(reader, strings, path + ".datatype", mayBeBool);
        bool = name.equals(DataTypeName.BOOL);
        booleans |= bool;
        return bool ? DataType.FP32 : DataType.valueOf(name);
    }

    /// Returns whether the datatype was `BOOL`.
    public boolean isBool() {
        return bool;
    }

    private void data() throws IOException {
        String field = path + ".data";
        requireOneOfDataAndBase64();
        if (reader.peek() != '[') {
            throw new MalformedTensor(
                    field, field + " must be an array of numbers, but was " + reader.kind());
        }
        elements = new TensorBuilder(dataType, shape == null ? 0 : shape.elements(), limits);
        JsonArrayReader array = array(field, elements);
        found = array.read(shape);
        form = array.isNested() ? TensorForm.NESTED : TensorForm.FLAT;
    }

    private JsonArrayReader array(String field, TensorBuilder values) {
        return new JsonArrayReader(reader, numbers, strings, field, values, booleans);
    }

    private void base64() throws IOException {
        String field = path + ".base64";
        requireOneOfDataAndBase64();
        if (reader.peek() != '"') {
            throw new MalformedTensor(field, field + " must be a string, but was " + reader.kind());
        }
        form = TensorForm.BASE64;
        long limit = Math.min((long) Double.BYTES * limits.elements(), Shape.MAX_ELEMENTS);
        bytes = new Base64Reader(reader, strings, field, limit, limits.memory()).read();
    }

    private void requireOneOfDataAndBase64() {
        if (bytes != null || elements != null) {
            throw new MalformedTensor(
                    path, path + " has both \"data\" and \"base64\"; give one of them");
        }
    }

    private Tensor fromBytes(byte[] bytes, DataType last) throws IOException {
        Shape shape = requireShape();
        long expected = (long) shape.elements() * last.bytes();
        if (bytes.length != expected) {
            throw new MalformedTensor(
                    path + ".base64",
                    "%s.base64 holds %d bytes, but shape %s of %s takes %d"
                            .formatted(path, bytes.length, shape, last, expected));
        }
        BinaryBody body = new BinaryBody(new ByteArrayInputStream(bytes), path, bytes.length);
        return BinaryElements.read(body, shape, last, ByteOrder.LITTLE_ENDIAN, limits.memory());
    }

    private Tensor fromElements(TensorBuilder elements, DataType last) {
        Shape shape =
                form == TensorForm.NESTED && this.shape == null && found != null
                        ? limits.require(found, path)
                        : requireShape();
        if (elements.size() != shape.elements()) {
            throw new MalformedTensor(
                    path + ".data",
                    "%s.data has %d elements, but shape %s takes %d"
                            .formatted(path, elements.size(), shape, shape.elements()));
        }
        if (form == TensorForm.NESTED && found != null && !JsonArrayReader.nestsAs(found, shape)) {
            throw new MalformedTensor(
                    path + ".data",
                    "%s.data nests as %s, but the shape is %s".formatted(path, found, shape));
        }
        Tensor tensor = elements.toTensor(shape, last);
        int overflow = elements.firstOverflow(tensor);
        if (overflow >= 0) {
            throw JsonArrayReader.outOfRange(place(overflow, shape), last);
        }
        return tensor;
    }

    private String place(int flatIndex, Shape shape) {
        StringBuilder place = new StringBuilder(path).append(".data");
        int[] indices =
                form == TensorForm.NESTED ? shape.coordinates(flatIndex) : new int[] {flatIndex};
        for (int index : indices) {
            place.append('[').append(index).append(']');
        }
        return place.toString();
    }

    /// Returns whether the numbers were present.
    public boolean hasData() {
        return elements != null || bytes != null;
    }

    public DataType requireDataType() {
        if (dataType == null) {
            throw new MalformedTensor(path + ".datatype", path + " needs a \"datatype\"");
        }
        return dataType;
    }

    public Shape requireShape() {
        if (shape == null) {
            throw new MalformedTensor(
                    path + ".shape",
                    path + " needs a \"shape\"; only nested arrays show their own");
        }
        return shape;
    }
}
