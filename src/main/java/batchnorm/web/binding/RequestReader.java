package batchnorm.web.binding;

import batchnorm.admission.AdmissionFilter;
import batchnorm.admission.RequestLimits;
import batchnorm.checkpoint.CheckpointFile;
import batchnorm.codec.Checkpoint;
import batchnorm.codec.Codec;
import batchnorm.codec.Message;
import batchnorm.codec.Selection;
import batchnorm.codec.Signature;
import batchnorm.codec.body.AsciiBody;
import batchnorm.codec.body.BoundedBody;
import batchnorm.codec.body.InflatedBody;
import batchnorm.tensor.Tensor;
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

    /// The body as a record, completed by the parameters of the query.
    ///
    /// The result of a request is about as large as the request, and its memory is reserved here,
    /// so that no step fails for want of memory after its commit.
    ///
    /// @throws batchnorm.codec.BodyTooLarge beyond what one request may hold
    /// @throws batchnorm.layer.Overloaded when there is no memory in time
    <R> R read(InputStream body, RecordBinding<R> binding) throws IOException {
        Signature signature = binding.signature();
        Codec codec = state.negotiation().requestCodec();
        Message message = codec.decode(plain(body), signature, codecLimits());
        QueryParameters.complete(message, signature, state.request());
        requireTensor(message);
        state.decoded(message.form(), message.elements());
        reserve(message.bytes());
        return binding.read(message);
    }

    /// @throws NotAcceptable when the answer is one bare array, and the request has no tensor
    private void requireTensor(Message message) {
        if (state.negotiation().answerFormat().isBareArray()
                && message.values().values().stream().noneMatch(Tensor.class::isInstance)) {
            throw new NotAcceptable(
                    "without a tensor in the request there is none in the answer; accept "
                            + Format.JSON.mediaType()
                            + " or "
                            + Format.NPZ.mediaType());
        }
    }

    /// The body as a checkpoint, with the tensors that are selected.
    Checkpoint read(InputStream body, Selection selection) throws IOException {
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
