package batchnorm.web.binding;

import batchnorm.admission.AdmissionFilter;
import batchnorm.admission.RequestLimits;
import batchnorm.checkpoint.CheckpointFile;
import batchnorm.checkpoint.fold.FoldedModel;
import batchnorm.checkpoint.fold.StateDictFolding;
import batchnorm.codec.Checkpoint;
import batchnorm.codec.Codec;
import batchnorm.codec.Message;
import batchnorm.codec.Selection;
import batchnorm.codec.Signature;
import batchnorm.codec.TensorForm;
import batchnorm.codec.body.AsciiBody;
import batchnorm.codec.body.BoundedBody;
import batchnorm.codec.body.InflatedBody;
import batchnorm.tensor.Tensor;
import batchnorm.web.api.ApiRequest;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.Charset;

/// Decodes the body of a request within its limits.
final class RequestReader {
    private final RequestState state;
    private final RequestLimits limits;

    RequestReader(RequestState state, RequestLimits limits) {
        this.state = state;
        this.limits = limits;
    }

    /// Reads the body as the argument of a controller method: a record of fields, or a checkpoint
    /// that the method reads with its own selection.
    Object read(InputStream body, Class<?> type) throws IOException {
        if (type == CheckpointBody.class) {
            return (CheckpointBody) selection -> read(body, selection);
        }
        if (type == ModelBody.class) {
            return (ModelBody) options -> fold(body, options);
        }
        return read(body, RecordBinding.of(type));
    }

    /// Returns whether [#read] accepts the type.
    static boolean reads(Class<?> type) {
        return ApiRequest.class.isAssignableFrom(type)
                || type == CheckpointBody.class
                || type == ModelBody.class;
    }

    /// Reads the body and the query into a record.
    ///
    /// The response is about as large as the request. Reserving its memory here prevents a step
    /// from failing after its commit.
    ///
    /// @throws batchnorm.codec.BodyTooLarge beyond one request's share
    /// @throws batchnorm.layer.Overloaded if the memory is not available in time
    private <R> R read(InputStream body, RecordBinding<R> binding) throws IOException {
        Signature signature = binding.signature();
        Codec codec = state.negotiation().requestCodec();
        Message message = codec.decode(plain(body), signature, codecLimits());
        QueryParameters.complete(message, signature, state.request());
        requireTensor(message);
        state.decoded(message.form(), message.elements());
        reserve(message.bytes());
        return binding.read(message);
    }

    /// @throws NotAcceptable when the response is a bare array but the request has no tensor
    private void requireTensor(Message message) {
        if (state.negotiation().answerFormat().isBareArray()
                && message.values().values().stream().noneMatch(Tensor.class::isInstance)) {
            throw new NotAcceptable(
                    "without a tensor in the request, the response has none; accept "
                            + Format.JSON.mediaType()
                            + " or "
                            + Format.NPZ.mediaType());
        }
    }

    /// Reads the body as a checkpoint with the selected tensors.
    private Checkpoint read(InputStream body, Selection selection) throws IOException {
        Checkpoint checkpoint =
                CheckpointFile.read(
                        plain(body),
                        state.negotiation().requestFormat() == Format.NPZ,
                        selection,
                        codecLimits());
        Message tensors = checkpoint.state();
        state.decoded(tensors.form(), tensors.elements());
        reserve(tensors.elements() * Double.BYTES); // the vectors of layers are binary64
        return checkpoint;
    }

    private FoldedModel fold(InputStream body, StateDictFolding options) throws IOException {
        FoldedModel folded =
                FoldedModel.of(
                        plain(body),
                        state.negotiation().requestFormat() == Format.NPZ,
                        options,
                        codecLimits());
        state.decoded(TensorForm.FLAT, 0);
        return folded;
    }

    private void reserve(long bytes) {
        AdmissionFilter.add(state.request(), bytes);
    }

    private Codec.Limits codecLimits() {
        return new Codec.Limits(limits.maxElements(), limits.maxDepth(), this::reserve);
    }

    private InputStream plain(InputStream body) throws IOException {
        InputStream plain =
                InflatedBody.of(
                        BoundedBody.of(
                                body,
                                state.request().getContentLengthLong(),
                                limits.maxBodyBytes()),
                        ContentNegotiation.coding(state.request()),
                        limits.maxBodyBytes(),
                        bytes -> AdmissionFilter.cover(state.request(), bytes));
        Fingerprint fingerprint = state.fingerprint();
        InputStream digested = fingerprint == null ? plain : fingerprint.of(plain);
        Charset charset = state.negotiation().otherCharset();
        return charset == null ? digested : new AsciiBody(digested, charset);
    }
}
