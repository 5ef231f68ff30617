package batchnorm.web.binding;

import batchnorm.admission.RequestLimits;
import batchnorm.codec.body.BoundedBody;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import java.util.Set;
import org.springframework.web.servlet.HandlerInterceptor;
import org.springframework.web.servlet.HandlerMapping;

/// Negotiates media types after authorization and before the body is read. Rejects an unacceptable
/// response before any step is made.
public final class NegotiationInterceptor implements HandlerInterceptor {
    private final RequestLimits limits;

    public NegotiationInterceptor(RequestLimits limits) {
        this.limits = limits;
    }

    /// @throws UnsupportedMedia, NotAcceptable
    /// @throws batchnorm.codec.BodyTooLarge when the announced length exceeds the limit
    @Override
    public boolean preHandle(
            HttpServletRequest request, HttpServletResponse response, Object handler) {
        Endpoint endpoint = Endpoint.of(handler);
        if (endpoint != null) {
            RequestState state = new RequestState(request, endpoint);
            if (endpoint.readsBody()) {
                BoundedBody.requireWithin(request.getContentLengthLong(), limits.maxBodyBytes());
            }
            request.setAttribute(
                    HandlerMapping.PRODUCIBLE_MEDIA_TYPES_ATTRIBUTE,
                    Set.of(state.negotiation().answerFormat().type()));
        }
        return true;
    }
}
