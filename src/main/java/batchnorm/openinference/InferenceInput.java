package batchnorm.openinference;

import batchnorm.codec.Codec;
import batchnorm.codec.MalformedTensor;
import batchnorm.codec.Message;
import batchnorm.codec.QuotedInput;
import batchnorm.codec.binary.BinaryBody;
import batchnorm.codec.binary.BinaryElements;
import batchnorm.codec.json.DataTypeName;
import batchnorm.codec.json.JsonTensorReader;
import batchnorm.codec.json.LenientJsonReader;
import batchnorm.tensor.DataType;
import batchnorm.tensor.Shape;
import batchnorm.tensor.Tensor;
import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteOrder;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/// One input of an inference request, with its numbers in the JSON or as bytes after it.
final class InferenceInput {
    private final LenientJsonReader json;
    private final Codec.Memory memory;
    private final NamedTensor named;
    private final JsonTensorReader inJson;
    private @Nullable Tensor tensor;

    InferenceInput(LenientJsonReader json, Codec.Limits limits, InferenceTerms terms, String path) {
        this.json = json;
        this.memory = limits.memory();
        this.named = new NamedTensor(json, terms, path);
        this.inJson = new JsonTensorReader(json.reader, json.numbers, json.strings, limits, path);
    }

    /// Reads the JSON of this input.
    ///
    /// @param bytesFollow whether bytes may follow the JSON, because its length is known
    /// @return its name
    String read(boolean bytesFollow) throws IOException {
        Map<String, LenientJsonReader.Field> fields = named.fields();
        fields.put("shape", () -> inJson.field("shape"));
        fields.put("datatype", this::readDataType);
        fields.put("data", this::readData);
        json.object(named.path, fields);
        String name = named.require();
        inJson.requireDataType();
        inJson.requireShape();
        if (inJson.isBool() && !named.isMask()) {
            throw DataTypeName.unknown(named.path + ".datatype", DataTypeName.BOOL, false);
        }
        if (named.parameters().has(NamedTensor.SHARED_MEMORY)) {
            throw malformed(
                    " names a shared_memory_region; shared memory is not offered, send \"data\" or binary data");
        }
        tensor = numbers(bytesFollow);
        return name;
    }

    /// Accepts `BOOL` until the name is known.
    private void readDataType() throws IOException {
        if (!named.isNamed() || named.isMask()) {
            inJson.allowingBool();
        }
        inJson.field("datatype");
    }

    private void readData() throws IOException {
        if (named.isMask()) {
            inJson.allowingBooleans();
        }
        inJson.field("data");
    }

    /// @return null if the numbers are bytes after the JSON
    private @Nullable Tensor numbers(boolean bytesFollow) throws IOException {
        boolean binary = named.parameters().has(NamedTensor.BINARY_SIZE);
        if (binary) {
            requireSize(bytesFollow);
        } else if (!inJson.hasData() && bytes() > 0) {
            throw malformed(" has neither \"data\" nor the parameter " + NamedTensor.BINARY_SIZE);
        }
        if (inJson.hasData()) {
            return inJson.tensor();
        }
        // An empty tensor needs neither data nor binary bytes.
        return bytes() > 0
                ? null
                : read(new BinaryBody(InputStream.nullInputStream(), named.path, 0));
    }

    private static String quoted(@Nullable Object given) {
        return switch (given) {
            case Message _ -> "an array or an object";
            case String text -> "the string " + QuotedInput.of(text);
            case null, default -> QuotedInput.cut(String.valueOf(given));
        };
    }

    private void requireSize(boolean bytesFollow) {
        Object given = named.parameters().values().get(NamedTensor.BINARY_SIZE);
        if (!(given instanceof Long size) || size != bytes()) {
            throw malformed(
                    ": shape %s of %s takes a %s of %d, not %s"
                            .formatted(
                                    shape(),
                                    inJson.isBool() ? DataTypeName.BOOL : dataType(),
                                    NamedTensor.BINARY_SIZE,
                                    bytes(),
                                    quoted(given)));
        }
        if (bytes() > 0 && inJson.hasData()) {
            throw malformed(" has both \"data\" and " + NamedTensor.BINARY_SIZE);
        }
        if (bytes() > 0 && !bytesFollow) {
            throw malformed(
                    " has binary data, so the request needs the header "
                            + InferenceReader.HEADER_LENGTH
                            + ", the length of the JSON");
        }
    }

    private MalformedTensor malformed(String message) {
        return new MalformedTensor(named.path, named.path + message);
    }

    private Shape shape() {
        return inJson.requireShape();
    }

    private DataType dataType() {
        return inJson.requireDataType();
    }

    /// Returns the tensor; null if its numbers are bytes after the JSON.
    @Nullable Tensor tensor() {
        return tensor;
    }

    /// Returns the length of its binary form in bytes.
    long bytes() {
        return (long) shape().elements() * (inJson.isBool() ? 1 : dataType().bytes());
    }

    /// Reads its numbers in binary form.
    Tensor read(BinaryBody body) throws IOException {
        return inJson.isBool()
                ? BinaryElements.readBytes(body, shape(), memory)
                : BinaryElements.read(body, shape(), dataType(), ByteOrder.LITTLE_ENDIAN, memory);
    }
}
