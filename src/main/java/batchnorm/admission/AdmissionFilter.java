package batchnorm.admission;

import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.MeterRegistry;
import jakarta.servlet.Filter;
import jakarta.servlet.FilterChain;
import jakarta.servlet.ServletException;
import jakarta.servlet.ServletRequest;
import jakarta.servlet.ServletResponse;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import java.io.IOException;
import org.springframework.stereotype.Component;

/// Admits every request that needs memory, before any handler. Memory is reserved with the body or
/// with the first vector, and released with the response.
@Component
public final class AdmissionFilter implements Filter {
    private final RequestLimits limits;
    private final AdmissionControl admission;
    private final Counter bodyBytes;

    AdmissionFilter(RequestLimits limits, AdmissionControl admission, MeterRegistry registry) {
        this.limits = limits;
        this.admission = admission;
        this.bodyBytes =
                Counter.builder("batchnorm.body.bytes")
                        .description("Bytes of bodies that were read")
                        .register(registry);
    }

    @Override
    public void doFilter(ServletRequest request, ServletResponse response, FilterChain chain)
            throws IOException, ServletException {
        ThrottledRequest admitted =
                new ThrottledRequest((HttpServletRequest) request, admission, limits);
        try {
            chain.doFilter(
                    admitted,
                    new ThrottledResponse((HttpServletResponse) response, admitted, limits));
        } finally {
            admitted.release();
            bodyBytes.increment((double) admitted.count());
        }
    }

    /// Counts the inflated bytes of a compressed body so far.
    ///
    /// @throws batchnorm.layer.Overloaded if the memory is not available in time
    public static void cover(HttpServletRequest request, long bytes) {
        ThrottledRequest admitted = ThrottledRequest.of(request);
        if (admitted != null) {
            admitted.cover(bytes);
        }
    }

    /// Counts arrays that a request allocates or drops.
    ///
    /// @param bytes negative for dropped arrays
    /// @throws batchnorm.layer.Overloaded if the memory is not available in time
    public static void add(HttpServletRequest request, long bytes) {
        ThrottledRequest admitted = ThrottledRequest.of(request);
        if (admitted != null) {
            admitted.add(bytes);
        }
    }
}
