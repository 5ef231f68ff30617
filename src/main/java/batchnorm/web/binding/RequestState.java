package batchnorm.web.binding;

import batchnorm.codec.TensorForm;
import batchnorm.tensor.Tensor;
import batchnorm.web.telemetry.ServerTiming;
import jakarta.servlet.http.HttpServletRequest;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.springframework.web.context.request.RequestContextHolder;
import org.springframework.web.context.request.ServletRequestAttributes;

/// The state of one request of this API from negotiation to response.
final class RequestState {
    private static final String ATTRIBUTE = RequestState.class.getName();

    private final HttpServletRequest request;
    private final Endpoint endpoint;
    private final ContentNegotiation negotiation;
    private final ServerTiming timing = new ServerTiming();
    private final List<Tensor> spent = new ArrayList<>();
    private final @Nullable String idempotencyKey;
    private final @Nullable Fingerprint fingerprint;
    private TensorForm form = TensorForm.FLAT;
    private long elements;

    /// @throws UnsupportedMedia, NotAcceptable
    RequestState(HttpServletRequest request, Endpoint endpoint) {
        this.request = request;
        this.endpoint = endpoint;
        this.negotiation = ContentNegotiation.of(request, endpoint);
        this.idempotencyKey = IdempotencyKeys.of(request);
        this.fingerprint =
                endpoint.isFingerprinted() || idempotencyKey != null
                        ? Fingerprint.of(request)
                        : null;
        request.setAttribute(ATTRIBUTE, this);
    }

    /// Returns the state of this thread's request.
    static RequestState current() {
        if (RequestContextHolder.currentRequestAttributes()
                        instanceof ServletRequestAttributes attributes
                && attributes.getRequest().getAttribute(ATTRIBUTE) instanceof RequestState state) {
            return state;
        }
        throw new IllegalStateException("the request was not negotiated");
    }

    HttpServletRequest request() {
        return request;
    }

    Endpoint endpoint() {
        return endpoint;
    }

    ContentNegotiation negotiation() {
        return negotiation;
    }

    ServerTiming timing() {
        return timing;
    }

    @Nullable String idempotencyKey() {
        return idempotencyKey;
    }

    /// Returns the digest of the request; null if no handler compares it. Complete after the body
    /// is read.
    @Nullable Fingerprint fingerprint() {
        return fingerprint;
    }

    /// Records the decoded request.
    ///
    /// @param tensorForm of its tensors in JSON, which the response repeats
    /// @param elementsOfTensors for the metrics
    void decoded(TensorForm tensorForm, long elementsOfTensors) {
        form = tensorForm;
        elements = elementsOfTensors;
        timing.decoded();
    }

    TensorForm form() {
        return form;
    }

    long elements() {
        return elements;
    }

    /// Returns the tensors to reuse once the response is written.
    List<Tensor> spent() {
        return spent;
    }
}
