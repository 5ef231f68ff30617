package batchnorm.web;

import batchnorm.checkpoint.Export;
import batchnorm.checkpoint.Framework;
import batchnorm.codec.AsciiBody;
import batchnorm.codec.BodyTooLarge;
import batchnorm.codec.BoundedBody;
import batchnorm.codec.Checkpoint;
import batchnorm.codec.CheckpointFile;
import batchnorm.codec.Codec;
import batchnorm.codec.InflatedBody;
import batchnorm.codec.Message;
import batchnorm.codec.Selection;
import batchnorm.codec.Signature;
import batchnorm.layer.Layer;
import batchnorm.layer.Precondition;
import batchnorm.tensor.Tensor;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.Charset;
import java.util.Objects;
import java.util.OptionalLong;
import org.jspecify.annotations.Nullable;

/// One request to one [Operation] and its answer: reads and writes messages in the media types that
/// were agreed on.
final class Exchange {
    private static final int LONG_ELEMENTS = 4096;

    /// Bytes of a long answer that go out together: each write is a chunk, and a system call.
    private static final int LONG_BUFFER = 1 << 16;

    private final HttpServletRequest request;
    private final HttpServletResponse response;
    private final Operation operation;
    private final RequestLimits limits;
    private final ServiceMetrics measurements;
    private final ContentNegotiation negotiation;
    private final ServerTiming timing = new ServerTiming();
    private @Nullable Fingerprint fingerprint;
    private long elements;

    Exchange(
            HttpServletRequest request,
            HttpServletResponse response,
            Operation operation,
            RequestLimits limits,
            ServiceMetrics measurements) {
        this.request = request;
        this.response = response;
        this.operation = operation;
        this.limits = limits;
        this.measurements = measurements;
        this.negotiation = ContentNegotiation.of(request, operation);
    }

    /// The body as a message, completed by the query's parameters.
    Message read() throws IOException {
        Signature signature = Objects.requireNonNull(operation.request());
        Codec codec = negotiation.requestCodec();
        Message message = codec.decode(body(), signature, codecLimits());
        QueryParameters.complete(message, signature, request);
        timing.decoded();
        elements = elements(message);
        reserve(message.bytes());
        return message;
    }

    /// Reserves memory before arrays are made: a result is about as large as what it is made from.
    /// Reserved before the work, so that nothing fails for want of memory after a commit.
    ///
    /// @throws BodyTooLarge beyond what one request may hold
    /// @throws batchnorm.layer.Overloaded when there is no room in time
    void reserve(long bytes) {
        AdmissionFilter.add(request, bytes);
    }

    /// The query's parameters as a message, of an operation that has no body.
    Message parameters() {
        Signature signature = Objects.requireNonNull(operation.request());
        Message message = new Message();
        QueryParameters.complete(message, signature, request);
        return message;
    }

    /// The body as a message, where none at all says as much as an empty one.
    Message readIfAny() throws IOException {
        boolean none =
                request.getContentLengthLong() <= 0
                        && request.getHeader("Transfer-Encoding") == null;
        return none ? new Message() : read();
    }

    /// The body as a checkpoint, of which these tensors are wanted.
    Checkpoint readCheckpoint(Selection selection) throws IOException {
        Checkpoint checkpoint =
                CheckpointFile.read(
                        body(),
                        negotiation.requestFormat() == Format.NPZ,
                        selection,
                        codecLimits());
        timing.decoded();
        elements = elements(checkpoint.state());
        reserve(elements * Double.BYTES); // the vectors of layers are binary64
        return checkpoint;
    }

    private Codec.Limits codecLimits() {
        return new Codec.Limits(limits.maxElements(), limits.maxDepth(), this::reserve);
    }

    /// Knows this request again, should it be retried: [#fingerprint].
    Exchange fingerprinted() {
        fingerprint = Fingerprint.of(request);
        return this;
    }

    /// The request waits for others from here on, with what it holds accounted for elsewhere: its
    /// body's share of the memory goes to those that it waits for, and so does its place at the
    /// processors, until it writes its answer.
    Exchange waitsForOthers() {
        ThrottledRequest admitted = ThrottledRequest.of(request);
        if (admitted != null) {
            admitted.releaseToOthers();
        }
        return this;
    }

    /// Makes sure that an answer without a tensor has a form.
    ///
    /// @throws NotAcceptable when one bare array was asked for
    Exchange answersNoTensor() {
        Format format = negotiation.answerFormat();
        if (format == Format.NPY || format == Format.RAW) {
            throw new NotAcceptable(
                    "without a tensor in the request there is none in the answer; accept "
                            + Format.JSON.mediaType()
                            + " or "
                            + Format.NPZ.mediaType());
        }
        return this;
    }

    private InputStream body() throws IOException {
        InputStream plain =
                InflatedBody.of(
                        BoundedBody.of(
                                request.getInputStream(),
                                request.getContentLengthLong(),
                                limits.maxBodyBytes()),
                        ContentNegotiation.coding(request),
                        limits.maxBodyBytes(),
                        bytes -> AdmissionFilter.cover(request, bytes));
        if (idempotencyKey() != null) {
            fingerprinted();
        }
        InputStream body = fingerprint == null ? plain : fingerprint.of(plain);
        Charset charset = negotiation.otherCharset();
        return charset == null ? body : new AsciiBody(body, charset);
    }

    /// Answers 200 with a message, in the media type that the client accepts.
    void answer(Message message) throws IOException {
        Format format = negotiation.answerFormat();
        response.setContentType(format.mediaType());
        response.setHeader("Vary", "Accept");
        Codec codec = answerCodec(format, message);
        OptionalLong length = codec.length(message);
        length.ifPresent(response::setContentLengthLong);
        boolean isLong = isLong(message);
        if (isLong) {
            response.setBufferSize(LONG_BUFFER);
        }
        timing.computed(request, response, length.isEmpty() && isLong);
        codec.encode(message, response.getOutputStream());
        timing.encoded(response);
        measurements.answered(operation, timing, elements);
    }

    private static long elements(Message message) {
        long elements = 0;
        for (Object value : message.values().values()) {
            elements += value instanceof Tensor tensor ? tensor.shape().elements() : 0;
        }
        return elements;
    }

    /// How long the store took, for the answer's `Server-Timing`.
    Exchange committed(long nanos) {
        timing.committed(nanos);
        return this;
    }

    /// Whether an answer is longer than what the response holds back before it is sent.
    private static boolean isLong(Message message) {
        return message.values().values().stream()
                .anyMatch(value ->
                        value instanceof Tensor tensor
                                && tensor.shape().elements() > LONG_ELEMENTS);
    }

    private Codec answerCodec(Format format, Message message) {
        return format.codec()
                .orElseGet(() -> TensorHeaders.describe(message.firstTensor(), response));
    }

    /// Refuses an answer that is larger than what a request may be.
    ///
    /// @throws BodyTooLarge beyond the elements of one tensor
    void requireRoom(Message answer) {
        if (elements(answer) > limits.maxElements()) {
            throw new BodyTooLarge(
                    "the answer would have more than "
                            + limits.maxElements()
                            + " numbers; ask for fewer layers at once, or raise BATCHNORM_MAX_ELEMENTS");
        }
    }

    /// Answers 200 with a checkpoint, for the client to keep as a file.
    ///
    /// @param name of the file, without the ending
    void file(String name, Export export) throws IOException {
        boolean safetensors = negotiation.answerFormat() == Format.SAFETENSORS;
        Message state = export.state();
        if (safetensors && export.framework() == Framework.PYTORCH) {
            state.with("format", "pt"); // what the library "transformers" looks for
        }
        String file = name + (safetensors ? ".safetensors" : ".npz");
        response.setHeader("Content-Disposition", "attachment; filename=\"" + file + '"');
        response.setHeader("State-Exact", Boolean.toString(export.isExact()));
        answer(state);
    }

    /// Answers 201.
    void created(String location, Message message) throws IOException {
        response.setStatus(HttpServletResponse.SC_CREATED);
        response.setHeader("Location", location);
        answer(message);
    }

    /// Answers 204.
    void noContent() {
        response.setStatus(HttpServletResponse.SC_NO_CONTENT);
    }

    /// Names the layer's version in the answer's headers.
    Exchange version(Layer layer) {
        return version(layer.tag(), layer.version());
    }

    Exchange version(String tag, long version) {
        return header("ETag", '"' + tag + '"').header("Layer-Version", Long.toString(version));
    }

    /// Says, and counts, that a step was answered again.
    Exchange replayed(boolean replayed) {
        if (replayed) {
            measurements.replayed();
            response.setHeader("Idempotency-Replayed", "true");
        }
        return this;
    }

    Exchange header(String name, @Nullable String value) {
        if (value != null) {
            response.setHeader(name, value);
        }
        return this;
    }

    /// What `If-Match` asks for.
    Precondition precondition() {
        return EntityTags.precondition(request);
    }

    /// The caller's key, as it is recorded.
    @Nullable String idempotencyKey() {
        return IdempotencyKeys.of(request);
    }

    /// Tells this request from others that it might be a retry of; null where nobody asks. Known
    /// once the body is read.
    @Nullable String fingerprint() {
        return fingerprint == null ? null : fingerprint.text();
    }

    /// Whether the client has this version already.
    boolean isUnchanged(Layer layer) {
        if (!EntityTags.noneMatchNames(request, layer.tag())) {
            return false;
        }
        version(layer);
        response.setStatus(HttpServletResponse.SC_NOT_MODIFIED);
        return true;
    }
}
