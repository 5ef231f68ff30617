package batchnorm.codec;

import batchnorm.tensor.Tensor;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/// The contents of a request or a response: named values in order. Codecs decode bytes to a message
/// that fits a [Signature], and encode any message.
///
/// A value is a [Tensor], a `double[]` vector, a [String], a [Boolean], a [Long], a [Double], a
/// nested [Message], a list of any of these, or null.
public final class Message {
    private final Map<String, @Nullable Object> values = new LinkedHashMap<>();
    private TensorForm form = TensorForm.FLAT;

    public Message with(String name, @Nullable Tensor value) {
        values.put(name, value);
        return this;
    }

    public Message with(String name, double @Nullable [] value) {
        values.put(name, value);
        return this;
    }

    public Message with(String name, @Nullable String value) {
        values.put(name, value);
        return this;
    }

    public Message with(String name, @Nullable Boolean value) {
        values.put(name, value);
        return this;
    }

    public Message with(String name, @Nullable Long value) {
        values.put(name, value);
        return this;
    }

    public Message with(String name, @Nullable Double value) {
        values.put(name, value);
        return this;
    }

    public Message with(String name, @Nullable Message value) {
        values.put(name, value);
        return this;
    }

    public Message with(String name, List<?> value) {
        values.put(name, value);
        return this;
    }

    /// Returns the bytes that the tensors and vectors take in memory.
    public long bytes() {
        long bytes = 0;
        for (Object value : values.values()) {
            bytes +=
                    switch (value) {
                        case Tensor.Doubles doubles ->
                                (long) doubles.values().length * Double.BYTES;
                        case Tensor.Floats floats -> (long) floats.values().length * Float.BYTES;
                        case double[] vector -> (long) vector.length * Double.BYTES;
                        case null, default -> 0;
                    };
        }
        return bytes;
    }

    /// Returns the number of elements of all tensors.
    public long elements() {
        long elements = 0;
        for (Object value : values.values()) {
            elements += value instanceof Tensor tensor ? tensor.shape().elements() : 0;
        }
        return elements;
    }

    /// Returns the number of elements of the longest tensor or vector.
    public long longest() {
        long longest = 0;
        for (Object value : values.values()) {
            longest =
                    Math.max(
                            longest,
                            switch (value) {
                                case Tensor tensor -> tensor.shape().elements();
                                case double[] vector -> vector.length;
                                case null, default -> 0;
                            });
        }
        return longest;
    }

    /// Puts a value of one of the kinds above.
    public void put(String name, @Nullable Object value) {
        values.put(name, value);
    }

    /// Sets the form of tensors in JSON; a response takes the form of its request.
    public Message in(TensorForm form) {
        this.form = form;
        return this;
    }

    public TensorForm form() {
        return form;
    }

    /// Returns whether the field is present, even if its value is null.
    public boolean has(String name) {
        return values.containsKey(name);
    }

    /// Returns the fields in order, for codecs.
    public Map<String, @Nullable Object> values() {
        return values;
    }

    public @Nullable Tensor tensor(String name) {
        return (Tensor) values.get(name);
    }

    /// Returns the tensor for a response that holds one bare array.
    public Tensor firstTensor() {
        return values.values().stream()
                .filter(Tensor.class::isInstance)
                .map(Tensor.class::cast)
                .findFirst()
                .orElseThrow(() -> new IllegalStateException("no tensor among " + values.keySet()));
    }

    public double @Nullable [] vector(String name) {
        return (double[]) values.get(name);
    }

    public @Nullable String text(String name) {
        return (String) values.get(name);
    }

    public @Nullable Double number(String name) {
        return (Double) values.get(name);
    }

    public @Nullable Long integer(String name) {
        return (Long) values.get(name);
    }

    public @Nullable Boolean bool(String name) {
        return (Boolean) values.get(name);
    }

    public boolean bool(String name, boolean otherwise) {
        return values.get(name) instanceof Boolean value ? value : otherwise;
    }

    public @Nullable Message object(String name) {
        return (Message) values.get(name);
    }

    @SuppressWarnings("unchecked") // with(String, List) and the decoders put nothing else there
    public List<Message> list(String name) {
        return (List<Message>) Objects.requireNonNullElse(values.get(name), List.of());
    }

    /// @throws InvalidField when the field is absent
    public Tensor requireTensor(String name) {
        return require(tensor(name), name);
    }

    /// @throws InvalidField when the field is absent
    public String requireText(String name) {
        return require(text(name), name);
    }

    private static <T> T require(@Nullable T value, String name) {
        if (value == null) {
            throw new InvalidField(name, "\"" + name + "\" is required");
        }
        return value;
    }
}
