package batchnorm.codec.safetensors;

import batchnorm.codec.Codec;
import batchnorm.codec.InvalidField;
import batchnorm.codec.MalformedJson;
import batchnorm.codec.MalformedTensor;
import batchnorm.codec.QuotedInput;
import batchnorm.codec.binary.BinaryBody;
import batchnorm.codec.json.JsonReader;
import batchnorm.codec.json.LenientJsonReader;
import batchnorm.tensor.Shape;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/// The header of a safetensors file: the length of its JSON as eight bytes, little-endian, then the
/// JSON, `{"name": {"dtype": "F32", "shape": [64], "data_offsets": [0, 256]}, …}`, and strings
/// under `__metadata__`.
///
/// The constructor rejects inconsistent headers: the tensors must be contiguous from the first byte
/// on, without overlaps or holes. The length of the body is checked only as it arrives.
///
/// @param tensors in the order of their bytes
/// @param texts the strings of `__metadata__`
record SafetensorsHeader(List<StoredTensor> tensors, Map<String, String> texts) {
    static final String METADATA = "__metadata__";

    /// Enough for ten thousand tensors. The reference implementation allows 100 MB of JSON, more
    /// than any supported checkpoint needs.
    private static final long MAX_LENGTH = 1 << 20;

    private static final String NAME = "the safetensors header";

    SafetensorsHeader {
        tensors =
                tensors.stream()
                        .sorted(
                                Comparator.comparingLong(StoredTensor::begin)
                                        .thenComparingLong(StoredTensor::end))
                        .toList();
        long reached = 0;
        for (StoredTensor tensor : tensors) {
            if (tensor.begin() != reached) {
                throw StoredTensor.malformed(
                        tensor.name(),
                        "it begins at offset %d, but the tensors before it end at %d: %s"
                                .formatted(
                                        tensor.begin(),
                                        reached,
                                        tensor.begin() < reached ? "they overlap" : "a hole"));
            }
            reached = tensor.end();
        }
    }

    /// Reads the header and stops after it.
    static SafetensorsHeader read(BinaryBody body, Codec.Limits limits) throws IOException {
        if (body.atEnd()) {
            throw body.malformed("the body is empty; expected a safetensors file");
        }
        body.require(Long.BYTES, "the length of " + NAME);
        long length = body.buffer.getLong();
        if (length < 2 || length > MAX_LENGTH) {
            throw new MalformedTensor(
                    "header",
                    "%s is %s bytes long by its first eight bytes; it may be 2 to %d"
                            .formatted(NAME, Long.toUnsignedString(length), MAX_LENGTH));
        }
        try {
            return new Parser(body, length, limits).header();
        } catch (MalformedJson | InvalidField e) {
            throw new MalformedTensor("header", NAME + ": " + e.getMessage());
        }
    }

    private static final class Parser {
        private final LenientJsonReader json;
        private final List<StoredTensor> tensors = new ArrayList<>();
        private final Map<String, String> texts = new LinkedHashMap<>();

        Parser(BinaryBody body, long length, Codec.Limits limits) {
            this.json = new LenientJsonReader(body.section(length, NAME), limits, body.offset());
        }

        SafetensorsHeader header() throws IOException {
            json.entries(
                    "",
                    name -> {
                        if (name.equals(METADATA)) {
                            json.entries(METADATA, key -> texts.put(key, json.text(METADATA)));
                        } else {
                            tensors.add(new Description(name).read());
                        }
                    });
            if (!json.reader.atEnd()) {
                throw json.reader.unexpected("expected only spaces after the object");
            }
            return new SafetensorsHeader(tensors, texts);
        }

        /// The description of one tensor in the header.
        private final class Description {
            private final String name;
            private @Nullable String type;
            private long @Nullable [] shape;
            private long @Nullable [] offsets;

            Description(String name) {
                this.name = name;
            }

            StoredTensor read() throws IOException {
                json.object(
                        QuotedInput.cut(name),
                        Map.of(
                                "dtype", () -> type = json.text("dtype"),
                                "shape", () -> shape = integers("shape", Shape.MAX_RANK),
                                "data_offsets", () -> offsets = integers("data_offsets", 2)));
                if (type == null || shape == null || offsets == null || offsets.length != 2) {
                    throw StoredTensor.malformed(
                            name, "expected a dtype, a shape, and two data_offsets");
                }
                return new StoredTensor(name, type, shape, offsets[0], offsets[1]);
            }

            private long[] integers(String field, int most) throws IOException {
                long[] values = new long[most];
                int[] size = {0};
                json.array(
                        field,
                        most,
                        index -> {
                            values[index] = integer(field);
                            size[0] = index + 1;
                        });
                return Arrays.copyOf(values, size[0]);
            }

            private long integer(String field) throws IOException {
                if (JsonReader.beginsNumber(json.reader.peek())) {
                    try {
                        long value = json.numbers.literal().toLong();
                        if (value >= 0) {
                            return value;
                        }
                    } catch (NumberFormatException e) {
                        // reported below
                    }
                }
                throw StoredTensor.malformed(name, field + " must be integers from 0 on");
            }
        }
    }
}
