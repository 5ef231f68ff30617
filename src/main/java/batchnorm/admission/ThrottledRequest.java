package batchnorm.admission;

import jakarta.servlet.ServletInputStream;
import jakarta.servlet.ServletRequest;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletRequestWrapper;
import java.io.IOException;
import java.util.HashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.springframework.web.context.request.RequestAttributes;
import org.springframework.web.context.request.RequestContextHolder;

/// A request that is admitted when it first needs memory: for its body, or for a layer's vectors.
public final class ThrottledRequest extends HttpServletRequestWrapper {
    private static final String ATTRIBUTE = ThrottledRequest.class.getName();

    /// Vectors of fewer bytes are not charged: a request for a small layer costs no more than its
    /// connection.
    private static final long LARGE_VECTORS = 1 << 14;

    private final AdmissionControl admission;
    private final RequestLimits limits;
    private final Map<String, Long> vectors = new HashMap<>();
    private AdmissionControl.@Nullable Reservation reservation;
    private @Nullable ThrottledBody body;
    private boolean isAccountedElsewhere;

    ThrottledRequest(HttpServletRequest request, AdmissionControl admission, RequestLimits limits) {
        super(request);
        this.admission = admission;
        this.limits = limits;
        setAttribute(ATTRIBUTE, this);
    }

    /// @param request this request or a wrapper of it
    static @Nullable ThrottledRequest of(ServletRequest request) {
        return request.getAttribute(ATTRIBUTE) instanceof ThrottledRequest admitted
                ? admitted
                : null;
    }

    /// Returns the request of this thread, if any.
    static @Nullable ThrottledRequest current() {
        RequestAttributes request = RequestContextHolder.getRequestAttributes();
        return request != null
                        && request.getAttribute(ATTRIBUTE, RequestAttributes.SCOPE_REQUEST)
                                instanceof ThrottledRequest admitted
                ? admitted
                : null;
    }

    /// Waits for admission with the body, so a request that access control rejects takes no memory.
    /// A request without a body is not admitted, so health and metrics are served under overload.
    @Override
    public ServletInputStream getInputStream() throws IOException {
        if (getContentLengthLong() <= 0 && getHeader("Transfer-Encoding") == null) {
            return super.getInputStream();
        }
        if (body == null) {
            AdmissionControl.Reservation admitted = admitted();
            body =
                    new ThrottledBody(
                            super.getInputStream(), getContentLengthLong(), admitted, limits);
        }
        return body;
    }

    private AdmissionControl.Reservation admitted() {
        if (reservation == null) {
            reservation = admission.admit();
        }
        return reservation;
    }

    /// Releases the processor permit until the pause is closed:
    /// [AdmissionControl.Reservation#pause].
    AdmissionControl.Pause pause() {
        return reservation == null ? AdmissionControl.Pause.NONE : reservation.pause();
    }

    /// Reacquires the processor permit after a [#release].
    void resume() {
        if (reservation != null) {
            reservation.resume();
        }
    }

    /// Counts inflated bytes: [AdmissionControl.Reservation#cover].
    void cover(long bytes) {
        if (reservation != null) {
            reservation.cover(bytes);
        }
    }

    /// Counts arrays: [AdmissionControl.Reservation#add].
    void add(long bytes) {
        if (!isAccountedElsewhere) {
            admitted().add(bytes);
        }
    }

    /// Counts vectors before they are loaded, once for each layer or snapshot.
    ///
    /// @param what the layer's name, or that and the snapshot's id
    void addVectors(String what, long bytes) {
        if (bytes < LARGE_VECTORS) {
            return;
        }
        Long counted = vectors.put(what, bytes);
        long known = counted == null ? 0 : counted;
        if (known < bytes) {
            add(bytes - known);
        } else {
            vectors.put(what, known);
        }
    }

    /// Reserves memory for the current request before it is needed.
    ///
    /// @throws batchnorm.layer.Overloaded if it is not available in time
    public static void reserve(long bytes) {
        ThrottledRequest request = current();
        if (request != null) {
            request.add(bytes);
        }
    }

    /// Releases the memory and the permit of the current request while it waits for other requests.
    /// Its caller accounts for the memory from here on.
    public static void waitForOthers() {
        ThrottledRequest request = current();
        if (request != null) {
            request.releaseToOthers();
        }
    }

    /// Returns the bytes that this request holds.
    long bytes() {
        return reservation == null ? 0 : reservation.bytes();
    }

    /// Releases the memory and the permit of this request.
    void release() {
        if (reservation != null) {
            reservation.close();
        }
    }

    /// Releases the memory and the permit. The caller accounts for the memory from here on.
    void releaseToOthers() {
        isAccountedElsewhere = true;
        release();
    }

    /// Returns the bytes of the body that have arrived.
    long count() {
        return body == null ? 0 : body.count();
    }
}
