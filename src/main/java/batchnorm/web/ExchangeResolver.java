package batchnorm.web;

import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import java.util.Objects;
import org.jspecify.annotations.Nullable;
import org.springframework.core.MethodParameter;
import org.springframework.web.bind.support.WebDataBinderFactory;
import org.springframework.web.context.request.NativeWebRequest;
import org.springframework.web.method.support.HandlerMethodArgumentResolver;
import org.springframework.web.method.support.ModelAndViewContainer;

/// Gives a controller method its [Exchange]. Whoever takes one answers through it, so no view is
/// looked for.
final class ExchangeResolver implements HandlerMethodArgumentResolver {
    private final RequestLimits limits;
    private final ServiceMetrics measurements;

    ExchangeResolver(RequestLimits limits, ServiceMetrics measurements) {
        this.limits = limits;
        this.measurements = measurements;
    }

    @Override
    public boolean supportsParameter(MethodParameter parameter) {
        return parameter.getParameterType() == Exchange.class;
    }

    @Override
    public Exchange resolveArgument(
            MethodParameter parameter,
            @Nullable ModelAndViewContainer container,
            NativeWebRequest web,
            @Nullable WebDataBinderFactory binders) {
        if (container != null) {
            container.setRequestHandled(true);
        }
        Performs performs = Objects.requireNonNull(parameter.getMethodAnnotation(Performs.class));
        return new Exchange(
                Objects.requireNonNull(web.getNativeRequest(HttpServletRequest.class)),
                Objects.requireNonNull(web.getNativeResponse(HttpServletResponse.class)),
                performs.value(),
                limits,
                measurements);
    }
}
