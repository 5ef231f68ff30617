package batchnorm.web;

import jakarta.servlet.Filter;
import jakarta.servlet.FilterChain;
import jakarta.servlet.ServletException;
import jakarta.servlet.ServletRequest;
import jakarta.servlet.ServletResponse;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import java.io.IOException;
import java.util.Set;
import org.springframework.stereotype.Component;

/// Lets no body in unadmitted, whoever reads it. The turn is asked for with the body, and given
/// back with the answer.
@Component
public final class BodyRules implements Filter {
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
        AdmittedRequest admitted = new AdmittedRequest(asked, admission, limits);
        try {
            chain.doFilter(admitted, new AdmittedAnswer((HttpServletResponse) response, admitted));
        } finally {
            admitted.release();
            measurements.read(admitted.count());
        }
    }

    /// The body of a request takes so much memory, beyond what it came with: it was compressed.
    ///
    /// @throws batchnorm.layer.Overloaded when there is no room
    public static void cover(HttpServletRequest request, long bytes) {
        AdmittedRequest admitted = AdmittedRequest.of(request);
        if (admitted != null) {
            admitted.cover(bytes);
        }
    }
}
