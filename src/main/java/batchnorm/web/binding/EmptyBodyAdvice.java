package batchnorm.web.binding;

import batchnorm.admission.RequestLimits;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.lang.reflect.Type;
import java.util.Objects;
import org.jspecify.annotations.Nullable;
import org.springframework.core.MethodParameter;
import org.springframework.http.HttpInputMessage;
import org.springframework.http.converter.HttpMessageConverter;
import org.springframework.web.bind.annotation.ControllerAdvice;
import org.springframework.web.bind.annotation.RequestBody;
import org.springframework.web.servlet.mvc.method.annotation.RequestBodyAdviceAdapter;

/// Decodes an empty body so that the codec rejects it. Spring passes empty bodies to no converter.
@ControllerAdvice
final class EmptyBodyAdvice extends RequestBodyAdviceAdapter {
    private final RequestLimits limits;

    EmptyBodyAdvice(RequestLimits limits) {
        this.limits = limits;
    }

    @Override
    public boolean supports(
            MethodParameter parameter,
            Type type,
            Class<? extends HttpMessageConverter<?>> converter) {
        return RequestReader.reads(parameter.getParameterType());
    }

    @Override
    public @Nullable Object handleEmptyBody(
            @Nullable Object body,
            HttpInputMessage input,
            MethodParameter parameter,
            Type type,
            Class<? extends HttpMessageConverter<?>> converter) {
        RequestBody declared =
                Objects.requireNonNull(parameter.getParameterAnnotation(RequestBody.class));
        if (!declared.required()) {
            return null;
        }
        try {
            return new RequestReader(RequestState.current(), limits)
                    .read(InputStream.nullInputStream(), parameter.getParameterType());
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
