package batchnorm.web.security;

import batchnorm.access.CrossSitePolicy;
import jakarta.servlet.Filter;
import jakarta.servlet.FilterChain;
import jakarta.servlet.ServletException;
import jakarta.servlet.ServletRequest;
import jakarta.servlet.ServletResponse;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import java.io.IOException;
import org.springframework.beans.factory.annotation.Qualifier;
import org.springframework.core.Ordered;
import org.springframework.core.annotation.Order;
import org.springframework.http.HttpStatus;
import org.springframework.stereotype.Component;
import org.springframework.web.server.ResponseStatusException;
import org.springframework.web.servlet.HandlerExceptionResolver;

/// Rejects cross-site requests on every path.
@Component
@Order(Ordered.HIGHEST_PRECEDENCE + 2) // after the filter that sets the headers of every response
public final class CrossSiteFilter implements Filter {
    private final CrossSitePolicy policy;
    private final HandlerExceptionResolver problems;

    CrossSiteFilter(
            CrossSitePolicy policy,
            @Qualifier("handlerExceptionResolver") HandlerExceptionResolver problems) {
        this.policy = policy;
        this.problems = problems;
    }

    @Override
    public void doFilter(ServletRequest request, ServletResponse response, FilterChain chain)
            throws IOException, ServletException {
        HttpServletRequest http = (HttpServletRequest) request;
        String rejection = policy.rejection(http);
        if (rejection == null) {
            chain.doFilter(request, response);
        } else {
            problems.resolveException(
                    http,
                    (HttpServletResponse) response,
                    null,
                    new ResponseStatusException(HttpStatus.FORBIDDEN, rejection));
        }
    }
}
