package batchnorm.web;

import jakarta.servlet.ServletInputStream;
import jakarta.servlet.ServletRequest;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletRequestWrapper;
import java.io.IOException;
import org.jspecify.annotations.Nullable;
import org.springframework.web.context.request.RequestAttributes;
import org.springframework.web.context.request.RequestContextHolder;

/// A request whose body waits for its turn.
final class AdmittedRequest extends HttpServletRequestWrapper {
    private static final String ATTRIBUTE = AdmittedRequest.class.getName();

    private final Admission admission;
    private final RequestLimits limits;
    private Admission.@Nullable Reservation reservation;
    private @Nullable AdmittedBody body;

    AdmittedRequest(HttpServletRequest request, Admission admission, RequestLimits limits) {
        super(request);
        this.admission = admission;
        this.limits = limits;
        setAttribute(ATTRIBUTE, this);
    }

    /// @param request this one, perhaps in other wrappings; null for one that has no body
    static @Nullable AdmittedRequest of(ServletRequest request) {
        return request.getAttribute(ATTRIBUTE) instanceof AdmittedRequest admitted
                ? admitted
                : null;
    }

    /// The request that this thread answers, if any.
    static @Nullable AdmittedRequest current() {
        RequestAttributes request = RequestContextHolder.getRequestAttributes();
        return request != null
                        && request.getAttribute(ATTRIBUTE, RequestAttributes.SCOPE_REQUEST)
                                instanceof AdmittedRequest admitted
                ? admitted
                : null;
    }

    /// Asks for the turn with the body, so whoever is refused at the gate takes no room.
    @Override
    public ServletInputStream getInputStream() throws IOException {
        if (body == null) {
            reservation = admission.admit(getContentLengthLong());
            body = new AdmittedBody(super.getInputStream(), reservation, limits);
        }
        return body;
    }

    /// Waits for others: [Admission.Reservation#pause].
    Admission.Pause pause() {
        return reservation == null ? Admission.Pause.NONE : reservation.pause();
    }

    /// Computes again, if it [released][#release] its place.
    void resume() {
        if (reservation != null) {
            reservation.resume();
        }
    }

    /// The body is larger than it came: [Admission.Reservation#cover].
    void cover(long bytes) {
        if (reservation != null) {
            reservation.cover(bytes);
        }
    }

    /// Gives back all that it holds.
    void release() {
        if (reservation != null) {
            reservation.close();
        }
    }

    /// Bytes of the body that have come.
    long count() {
        return body == null ? 0 : body.count();
    }
}
