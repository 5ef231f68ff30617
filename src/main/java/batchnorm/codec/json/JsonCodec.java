package batchnorm.codec.json;

import batchnorm.codec.Codec;
import batchnorm.codec.Message;
import batchnorm.codec.Signature;
import batchnorm.codec.TensorForm;
import batchnorm.tensor.Tensor;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/// Messages as JSON objects (strict RFC 8259). Numbers are read from the body into the arrays and
/// back, without an intermediate tree or copy. Reading rounds correctly. Writing uses the fewest
/// digits that read back as the same number.
///
/// NaN and the infinities are the strings `"NaN"`, `"Infinity"`, `"-Infinity"`, in and out.
public record JsonCodec() implements Codec {

    @Override
    public Message decode(InputStream body, Signature signature, Limits limits) throws IOException {
        JsonReader reader = new JsonReader(body, limits.depth());
        Message message = new JsonMessageReader(reader, limits).read(signature);
        reader.finish();
        return message;
    }

    @Override
    public void encode(Message message, OutputStream body) throws IOException {
        JsonWriter writer = new JsonWriter(body);
        object(message, writer, message.form());
        writer.finish();
    }

    /// Writes an array of messages, pulling each from the iterator only when it is written.
    public void encode(Iterable<Message> messages, OutputStream body) throws IOException {
        JsonWriter writer = new JsonWriter(body);
        list(messages, writer, TensorForm.FLAT);
        writer.finish();
    }

    private static void object(Message message, JsonWriter writer, TensorForm form)
            throws IOException {
        char mark = '{';
        for (Map.Entry<String, @Nullable Object> field : message.values().entrySet()) {
            writer.mark(mark);
            writer.name(field.getKey());
            value(field.getValue(), writer, form);
            mark = ',';
        }
        writer.plain(mark == '{' ? "{}" : "}");
    }

    private static void value(@Nullable Object value, JsonWriter writer, TensorForm form)
            throws IOException {
        switch (value) {
            case null -> writer.plain("null");
            case Tensor tensor -> new JsonTensorWriter(writer, form).write(tensor);
            case double[] vector -> {
                writer.mark('[');
                writer.numbers(vector, 0, vector.length);
                writer.mark(']');
            }
            case String text -> writer.string(text);
            case Double number -> writer.number(number);
            case Long integer -> writer.plain(integer.toString());
            case Boolean bool -> writer.plain(bool.toString());
            case Message nested -> object(nested, writer, form);
            case List<?> values -> list(values, writer, form);
            default ->
                    throw new IllegalArgumentException("a message cannot hold " + value.getClass());
        }
    }

    private static void list(Iterable<?> values, JsonWriter writer, TensorForm form)
            throws IOException {
        char mark = '[';
        for (Object value : values) {
            writer.mark(mark);
            value(value, writer, form);
            mark = ',';
        }
        writer.plain(mark == '[' ? "[]" : "]");
    }
}
