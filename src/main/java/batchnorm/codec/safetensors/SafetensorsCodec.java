package batchnorm.codec.safetensors;

import batchnorm.codec.Checkpoint;
import batchnorm.codec.Codec;
import batchnorm.codec.FileFormat;
import batchnorm.codec.InvalidField;
import batchnorm.codec.Message;
import batchnorm.codec.Selection;
import batchnorm.codec.Signature;
import batchnorm.codec.Signature.Field;
import batchnorm.codec.Signature.Kind;
import batchnorm.codec.binary.BinaryBody;
import batchnorm.codec.binary.BinaryElements;
import batchnorm.codec.binary.Budget;
import batchnorm.codec.json.JsonCodec;
import batchnorm.tensor.Shape;
import batchnorm.tensor.Tensor;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.OptionalLong;
import java.util.Set;
import java.util.stream.Collectors;

/// Messages as safetensors files: tensors and vectors by name, scalars as tensors of no dimensions,
/// strings as the file's metadata; null values are omitted.
///
/// The header precedes all numbers. An inconsistent file is rejected before memory is allocated,
/// and a tensor that was not selected is skipped, whatever its size.
///
/// Writes wide elements first, as the reference implementation does, so that all are aligned.
public record SafetensorsCodec() implements Codec {
    private static final int ALIGNMENT = 8;

    @Override
    public Message decode(InputStream body, Signature signature, Limits limits) throws IOException {
        BinaryBody source = new BinaryBody(body, "the file", Long.MAX_VALUE);
        SafetensorsHeader header = SafetensorsHeader.read(source, limits);
        Message message = new Message();
        header.texts()
                .forEach((name, text) ->
                        signature
                                .field(name)
                                .filter(field -> field.kind() == Kind.TEXT)
                                .ifPresent(field -> message.with(name, text)));
        for (StoredTensor tensor : header.tensors()) {
            Field field =
                    signature
                            .field(tensor.name())
                            .orElseThrow(() -> InvalidField.unknown(tensor.name(), "", signature));
            put(message, field, tensor.read(source, limits));
        }
        source.requireEnd();
        return message;
    }

    private static void put(Message message, Field field, Object value) {
        String name = field.name();
        switch (value) {
            case Tensor tensor when field.kind() == Kind.TENSOR -> message.with(name, tensor);
            case Tensor tensor when field.kind() == Kind.VECTOR && tensor.shape().rank() == 1 ->
                    message.with(name, tensor.toDoubles());
            case Tensor tensor when field.kind() == Kind.NUMBER && tensor.shape().rank() == 0 ->
                    message.with(name, (Double) tensor.at(0));
            case Long integer when field.kind() == Kind.INTEGER -> message.with(name, integer);
            case Boolean bool when field.kind() == Kind.BOOLEAN -> message.with(name, bool);
            default ->
                    throw StoredTensor.malformed(
                            name, "its dtype and shape are not those of " + inWords(field.kind()));
        }
    }

    private static String inWords(Kind kind) {
        return switch (kind) {
            case TENSOR -> "a tensor of floats";
            case VECTOR -> "a vector of floats";
            case NUMBER -> "a float of shape []";
            case INTEGER -> "an I64 of shape []";
            case BOOLEAN -> "a BOOL of shape []";
            case TEXT -> "a text in __metadata__";
            case MASK, TEXTS, TEXT_LISTS, INTEGERS, COUNTS, OBJECT, LIST ->
                    "a kind that this format supports; send it in JSON or in the query";
        };
    }

    /// Reads the selected tensors of a checkpoint.
    ///
    /// @throws MalformedTensor for an inconsistent header
    /// @throws BodyTooLarge when the selected tensors together exceed the limit on one tensor
    public static Checkpoint decode(InputStream body, Selection selection, Limits limits)
            throws IOException {
        BinaryBody source = new BinaryBody(body, "the file", Long.MAX_VALUE);
        SafetensorsHeader header = SafetensorsHeader.read(source, limits);
        Set<String> selected =
                selection.among(
                        header.tensors().stream()
                                .map(StoredTensor::name)
                                .collect(Collectors.toSet()));
        Message state = new Message();
        List<String> skipped = new ArrayList<>();
        Map<String, String> unreadable = new LinkedHashMap<>();
        Budget budget = new Budget(limits);
        for (StoredTensor tensor : header.tensors()) {
            String reason = tensor.unreadable();
            if (!selected.contains(tensor.name())) {
                source.skip(tensor.bytes(), tensor.place());
                skipped.add(tensor.name());
            } else if (reason != null) {
                source.skip(tensor.bytes(), tensor.place());
                unreadable.put(tensor.name(), reason);
            } else {
                budget.take(tensor.bytes());
                state.put(tensor.name(), tensor.readStored(source, limits));
            }
        }
        source.requireEnd();
        return new Checkpoint(FileFormat.SAFETENSORS, state, skipped, unreadable);
    }

    @Override
    public void encode(Message message, OutputStream body) throws IOException {
        body.write(header(message));
        for (Map.Entry<String, Object> value : inOrder(message)) {
            switch (value.getValue()) {
                case Tensor tensor -> BinaryElements.write(tensor, body);
                case Long integer -> body.write(littleEndian(integer));
                case Boolean bool -> body.write(bool ? 1 : 0);
                default -> throw unexpected(value.getValue());
            }
        }
    }

    @Override
    public OptionalLong length(Message message) {
        long length = header(message).length;
        for (Map.Entry<String, Object> value : inOrder(message)) {
            length += bytes(value.getValue());
        }
        return OptionalLong.of(length);
    }

    /// Returns the contents of a message except strings, wide elements first.
    private static List<Map.Entry<String, Object>> inOrder(Message message) {
        return message.values().entrySet().stream()
                .filter(field -> field.getValue() != null && !(field.getValue() instanceof String))
                .map(field -> Map.entry(field.getKey(), storable(field.getValue())))
                .sorted(
                        Comparator.comparingInt(
                                field -> -type(field.getValue()).bits())) // a stable sort
                .toList();
    }

    private static Object storable(Object value) {
        return switch (value) {
            case double[] vector -> Tensor.of(Shape.of(vector.length), vector);
            case Double number -> Tensor.of(Shape.of(), number.doubleValue());
            default -> value;
        };
    }

    private static StoredType type(Object value) {
        return switch (value) {
            case Tensor tensor -> StoredType.of(tensor.dataType());
            case Long _ -> StoredType.I64;
            case Boolean _ -> StoredType.BOOL;
            default -> throw unexpected(value);
        };
    }

    private static long bytes(Object value) {
        int elements = value instanceof Tensor tensor ? tensor.shape().elements() : 1;
        return (long) elements * type(value).bits() / Byte.SIZE;
    }

    private static byte[] header(Message message) {
        Message header = new Message();
        Message texts = new Message();
        message.values()
                .forEach((name, value) -> {
                    if (value instanceof String text) {
                        texts.with(name, text);
                    }
                });
        if (!texts.values().isEmpty()) {
            header.with(SafetensorsHeader.METADATA, texts);
        }
        long begin = 0;
        for (Map.Entry<String, Object> value : inOrder(message)) {
            long end = begin + bytes(value.getValue());
            header.with(value.getKey(), description(value.getValue(), begin, end));
            begin = end;
        }
        return framed(header);
    }

    private static Message description(Object value, long begin, long end) {
        List<Long> shape = new ArrayList<>();
        if (value instanceof Tensor tensor) {
            for (int dimension : tensor.shape().toArray()) {
                shape.add((long) dimension);
            }
        }
        return new Message()
                .with("dtype", type(value).name())
                .with("shape", shape)
                .with("data_offsets", List.of(begin, end));
    }

    /// Returns the length, and the JSON padded with spaces so that the numbers are aligned.
    private static byte[] framed(Message header) {
        ByteArrayOutputStream framed = new ByteArrayOutputStream();
        try {
            framed.write(new byte[Long.BYTES]);
            new JsonCodec().encode(header, framed);
        } catch (IOException impossible) {
            throw new IllegalStateException("an in-memory stream never fails", impossible);
        }
        while (framed.size() % ALIGNMENT != 0) {
            framed.write(' ');
        }
        byte[] bytes = framed.toByteArray();
        System.arraycopy(littleEndian((long) bytes.length - Long.BYTES), 0, bytes, 0, Long.BYTES);
        return bytes;
    }

    private static byte[] littleEndian(long value) {
        return ByteBuffer.allocate(Long.BYTES)
                .order(ByteOrder.LITTLE_ENDIAN)
                .putLong(value)
                .array();
    }

    private static IllegalArgumentException unexpected(Object value) {
        return new IllegalArgumentException("a safetensors file cannot hold " + value.getClass());
    }
}
