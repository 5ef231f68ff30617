package batchnorm.codec;

import batchnorm.tensor.DataType;
import batchnorm.tensor.Shape;
import batchnorm.tensor.Tensor;
import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteOrder;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/// Reads inference requests of the Open Inference Protocol: a JSON object and, with the binary
/// tensor data extension, behind it the bytes of those inputs that have a `binary_data_size`, in
/// their order, little-endian and row-major.
public final class InferenceReader {
    /// The HTTP header that tells where the JSON ends.
    public static final String HEADER_LENGTH = "Inference-Header-Content-Length";

    private static final int MAX_TENSORS = 16;
    private static final String SIZE = "binary_data_size";

    private final InputStream body;
    private final long bodyLength;
    private final Section header;
    private final Codec.Limits limits;
    private final OpenJson json;

    private @Nullable String id;
    private Message parameters = new Message();
    private final Map<String, Tensor> inputs = new LinkedHashMap<>();
    private final Map<String, Pending> pending = new LinkedHashMap<>();
    private final List<InferenceRequest.Output> outputs = new ArrayList<>();
    private boolean hasInputs;

    private InferenceReader(
            InputStream body, long headerLength, long bodyLength, Codec.Limits limits) {
        this.body = body;
        this.bodyLength = bodyLength;
        this.header = new Section(body, headerLength);
        this.limits = limits;
        this.json = new OpenJson(header, limits);
    }

    /// An input whose numbers come behind the JSON.
    private record Pending(String path, Shape shape, DataType dataType, long bytes) {}

    /// Reads a whole body.
    ///
    /// @param headerLength bytes of its JSON; negative when it is nothing else
    /// @param bodyLength bytes of the whole; negative when not known
    /// @throws MalformedJson, MalformedTensor, InvalidField, BodyTooLarge as each says
    public static InferenceRequest read(
            InputStream body, long headerLength, long bodyLength, Codec.Limits limits)
            throws IOException {
        if (bodyLength >= 0 && headerLength > bodyLength) {
            throw new InvalidField(
                    HEADER_LENGTH,
                    "%s is %d, but the body has only %d bytes"
                            .formatted(HEADER_LENGTH, headerLength, bodyLength));
        }
        InferenceReader reader = new InferenceReader(body, headerLength, bodyLength, limits);
        InferenceRequest request = reader.read();
        reader.json.reader.finish();
        return request;
    }

    private InferenceRequest read() throws IOException {
        json.object(
                "",
                Map.of(
                        "id", () -> id = json.text("id"),
                        "parameters", () -> parameters = json.parameters("parameters"),
                        "inputs", () -> json.array("inputs", MAX_TENSORS, this::input),
                        "outputs", () -> json.array("outputs", MAX_TENSORS, this::output)));
        if (!json.reader.atEnd()) {
            throw json.reader.unexpected("expected the end of the JSON after the object");
        }
        header.requireEnd();
        if (!hasInputs) {
            throw new InvalidField("inputs", "\"inputs\" is required, and holds one input or more");
        }
        readBinary();
        return new InferenceRequest(id, parameters, inputs, outputs);
    }

    private void input(int index) throws IOException {
        hasInputs = true;
        String path = "inputs[" + index + "]";
        JsonTensorReader tensor =
                new JsonTensorReader(json.reader, json.numbers, json.strings, limits, path);
        Named named = new Named(path);
        json.object(
                path,
                Map.of(
                        "name", named::readName,
                        "parameters", named::readParameters,
                        "shape", () -> tensor.field("shape"),
                        "datatype", () -> tensor.field("datatype"),
                        "data", () -> tensor.field("data")));
        String name = named.require();
        if (inputs.containsKey(name) || pending.containsKey(name)) {
            throw new InvalidField(path, "the input \"" + Echo.cut(name) + "\" is given twice");
        }
        Shape shape = tensor.requireShape();
        DataType dataType = tensor.requireDataType();
        if (named.parameters.has(SIZE)) {
            if (tensor.hasData()) {
                throw new MalformedTensor(path, path + " has both \"data\" and " + SIZE);
            }
            pending.put(name, pending(path, shape, dataType, named.parameters.values().get(SIZE)));
        } else if (tensor.hasData()) {
            inputs.put(name, tensor.tensor());
        } else {
            throw new MalformedTensor(
                    path,
                    path
                            + " has neither \"data\" nor the parameter "
                            + SIZE
                            + "; there is no shared memory");
        }
    }

    private Pending pending(String path, Shape shape, DataType dataType, @Nullable Object size) {
        long wanted = (long) shape.elements() * dataType.bytes();
        if (!(size instanceof Long bytes) || bytes != wanted) {
            throw new MalformedTensor(
                    path,
                    "%s: shape %s of %s takes a %s of %d, not %s"
                            .formatted(path, shape, dataType, SIZE, wanted, echo(size)));
        }
        if (header.length < 0) {
            throw new MalformedTensor(
                    path,
                    path
                            + " has binary data, so the request needs the header "
                            + HEADER_LENGTH
                            + ", which says where the JSON ends");
        }
        return new Pending(path, shape, dataType, wanted);
    }

    private static String echo(@Nullable Object size) {
        return size instanceof String text
                ? "the string " + Echo.of(text)
                : Echo.cut(String.valueOf(size));
    }

    private void output(int index) throws IOException {
        String path = "outputs[" + index + "]";
        Named named = new Named(path);
        json.object(path, Map.of("name", named::readName, "parameters", named::readParameters));
        outputs.add(new InferenceRequest.Output(named.require(), named.parameters));
    }

    /// What inputs and outputs have in common.
    private final class Named {
        private final String path;
        private @Nullable String name;
        private Message parameters = new Message();

        Named(String path) {
            this.path = path;
        }

        void readName() throws IOException {
            name = json.text(path + ".name");
        }

        void readParameters() throws IOException {
            parameters = json.parameters(path + ".parameters");
        }

        String require() {
            if (name == null) {
                throw new InvalidField(path + ".name", path + " needs a \"name\"");
            }
            return name;
        }
    }

    /// Reads what comes behind the JSON, once it is known that exactly this comes.
    private void readBinary() throws IOException {
        if (header.length < 0) {
            return;
        }
        long wanted = pending.values().stream().mapToLong(Pending::bytes).sum();
        if (bodyLength >= 0 && bodyLength - header.length != wanted) {
            throw new MalformedTensor(
                    "inputs",
                    "behind the JSON come %d bytes, but the inputs take %d"
                            .formatted(bodyLength - header.length, wanted));
        }
        BinaryBody binary = new BinaryBody(body, "the binary data", wanted);
        for (Map.Entry<String, Pending> next : pending.entrySet()) {
            Pending input = Objects.requireNonNull(next.getValue());
            inputs.put(
                    next.getKey(),
                    BinaryElements.read(
                            binary, input.shape(), input.dataType(), ByteOrder.LITTLE_ENDIAN));
        }
        binary.requireEnd();
    }

    /// The first bytes of a body, as a body.
    private static final class Section extends InputStream {
        private final InputStream body;
        private final long length;
        private long left;

        /// @param length negative for the whole body
        Section(InputStream body, long length) {
            this.body = body;
            this.length = length;
            this.left = length < 0 ? Long.MAX_VALUE : length;
        }

        @Override
        public int read() throws IOException {
            byte[] one = new byte[1];
            return read(one, 0, 1) < 0 ? -1 : one[0] & 0xFF;
        }

        @Override
        public int read(byte[] target, int offset, int count) throws IOException {
            if (left == 0) {
                return -1;
            }
            int read = body.read(target, offset, (int) Math.min(count, left));
            left -= Math.max(read, 0);
            return read;
        }

        /// @throws MalformedJson when the body ended before
        void requireEnd() {
            if (length >= 0 && left > 0) {
                throw new MalformedJson(
                        length - left,
                        "the JSON has %d bytes, but %s says %d"
                                .formatted(length - left, HEADER_LENGTH, length));
            }
        }
    }
}
