package batchnorm.openinference;

import batchnorm.codec.Codec;
import batchnorm.codec.InvalidField;
import batchnorm.codec.Message;
import batchnorm.codec.Signature;
import batchnorm.codec.binary.RawCodec;
import batchnorm.codec.body.BoundedBody;
import batchnorm.codec.body.InflatedBody;
import batchnorm.layer.Layer;
import batchnorm.tensor.DataType;
import batchnorm.tensor.Shape;
import batchnorm.tensor.Tensor;
import jakarta.servlet.http.HttpServletRequest;
import java.io.IOException;
import java.io.InputStream;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;
import java.util.function.LongConsumer;
import java.util.function.Supplier;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/// Reads inference requests regardless of Content-Type, because many clients omit it or send a
/// wrong one.
final class InferenceBodies {
    private static final Pattern LENGTH = Pattern.compile("[0-9]{1,18}");
    private static final Signature RAW = Signature.of(Signature.tensor(ModelMessages.INPUT));
    private final BodyLimits limits;

    InferenceBodies(BodyLimits limits) {
        this.limits = limits;
    }

    /// @param model that defines the shape of a body without JSON
    InferenceRequest read(HttpServletRequest request, Supplier<Layer> model) throws IOException {
        long headerLength = headerLength(request);
        long length = InflatedBody.isPlain(coding(request)) ? request.getContentLengthLong() : -1;
        try (InputStream body = open(request)) {
            InferenceRequest inference =
                    headerLength == 0
                            ? withoutJson(body, length, model.get(), codec(request))
                            : InferenceReader.read(
                                    body, headerLength, length, codec(request), RequestWord.TERMS);
            // An output is as large as the inputs. Reserving its memory first keeps a step from
            // failing
            // after its commit.
            limits.arrays().count(request, bytes(inference));
            return inference;
        }
    }

    /// Reads a body of parameters only, or an empty one.
    ///
    /// @param names receives each name before its value is read
    void readParameterNames(HttpServletRequest request, Consumer<String> names) throws IOException {
        try (InputStream body = open(request)) {
            InferenceReader.readParameterNames(body, limits.codec(), names);
        }
    }

    private InputStream open(HttpServletRequest request) throws IOException {
        InputStream raw =
                BoundedBody.of(
                        request.getInputStream(), request.getContentLengthLong(), limits.bytes());
        LongConsumer room = bytes -> limits.room().count(request, bytes);
        return InflatedBody.of(raw, coding(request), limits.bytes(), room);
    }

    private Codec.Limits codec(HttpServletRequest request) {
        return new Codec.Limits(
                limits.codec().elements(),
                limits.codec().depth(),
                bytes -> limits.arrays().count(request, bytes));
    }

    /// Returns whether body and response are raw tensors.
    static boolean isRaw(HttpServletRequest request) {
        return headerLength(request) == 0;
    }

    private static long bytes(InferenceRequest request) {
        return request.inputs().values().stream()
                .mapToLong(input ->
                        (long) input.shape().elements()
                                * (input instanceof Tensor.Doubles ? Double.BYTES : Float.BYTES))
                .sum();
    }

    /// @return -1 if the header is absent
    private static long headerLength(HttpServletRequest request) {
        List<String> values = values(request, InferenceReader.HEADER_LENGTH);
        if (values.isEmpty()) {
            return -1;
        }
        if (values.size() > 1 || !LENGTH.matcher(values.getFirst()).matches()) {
            throw new InvalidField(
                    InferenceReader.HEADER_LENGTH,
                    InferenceReader.HEADER_LENGTH
                            + " must be given once, in decimal digits: the bytes of the JSON that begins the"
                            + " body");
        }
        return Long.parseLong(values.getFirst());
    }

    private static @Nullable String coding(HttpServletRequest request) {
        List<String> values = values(request, "Content-Encoding");
        String coding = values.isEmpty() ? null : String.join(", ", values);
        InflatedBody.requireKnown(coding);
        return coding;
    }

    private static List<String> values(HttpServletRequest request, String header) {
        return Collections.list(request.getHeaders(header));
    }

    /// Reads a body that is the only input. The model defines its shape and datatype.
    private InferenceRequest withoutJson(
            InputStream body, long length, Layer model, Codec.Limits codec) throws IOException {
        if (length < 0) {
            throw new InvalidField(
                    "Content-Length",
                    "a request without JSON needs a Content-Length and no Content-Encoding: its shape follows"
                            + " from its length");
        }
        DataType dataType = ModelMessages.DATATYPE;
        Shape shape = ModelShape.of(model).holding(length, dataType);
        Message message = new RawCodec(shape, dataType).decode(body, RAW, codec);
        return new InferenceRequest(
                null,
                new Message(),
                Map.of(ModelMessages.INPUT, message.requireTensor(ModelMessages.INPUT)),
                List.of());
    }
}
