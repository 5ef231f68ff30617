package batchnorm.web;

import jakarta.servlet.Filter;
import jakarta.servlet.FilterChain;
import jakarta.servlet.ServletException;
import jakarta.servlet.ServletInputStream;
import jakarta.servlet.ServletRequest;
import jakarta.servlet.ServletResponse;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletRequestWrapper;
import java.io.IOException;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.springframework.stereotype.Component;

/// Lets no body in unadmitted, whoever reads it. The turn is asked for when the handler asks for
/// the body, so whoever is refused at the gate takes no room; it is given back with the answer.
@Component
final class BodyRules implements Filter {
    private static final String ADMITTED = BodyRules.class.getName();
    private static final Set<String> WITHOUT_BODY = Set.of("GET", "HEAD", "DELETE", "OPTIONS");
    private final RequestLimits limits;
    private final Admission admission;
    private final Measurements measurements;

    BodyRules(RequestLimits limits, Admission admission, Measurements measurements) {
        this.limits = limits;
        this.admission = admission;
        this.measurements = measurements;
    }

    @Override
    public void doFilter(ServletRequest request, ServletResponse response, FilterChain chain)
            throws IOException, ServletException {
        HttpServletRequest asked = (HttpServletRequest) request;
        if (WITHOUT_BODY.contains(asked.getMethod())) {
            chain.doFilter(request, response);
            return;
        }
        Admitted admitted = new Admitted(asked);
        request.setAttribute(ADMITTED, admitted);
        try {
            chain.doFilter(admitted, response);
        } finally {
            admitted.end();
        }
    }

    /// Gives back the turn of a request before it is answered. Its body has been read.
    static void release(HttpServletRequest request) {
        if (request.getAttribute(ADMITTED) instanceof Admitted admitted
                && admitted.reservation != null) {
            admitted.reservation.close();
        }
    }

    /// A request whose body waits for its turn.
    private final class Admitted extends HttpServletRequestWrapper {
        private Admission.@Nullable Reservation reservation;
        private @Nullable AdmittedBody body;

        private Admitted(HttpServletRequest request) {
            super(request);
        }

        @Override
        public ServletInputStream getInputStream() throws IOException {
            if (body == null) {
                reservation = admission.admit(getContentLengthLong());
                body = new AdmittedBody(super.getInputStream(), reservation, limits);
            }
            return body;
        }

        private void end() {
            if (reservation != null) {
                reservation.close();
            }
            if (body != null) {
                measurements.read(body.count());
            }
        }
    }
}
