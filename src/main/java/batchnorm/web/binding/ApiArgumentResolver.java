package batchnorm.web.binding;

import batchnorm.codec.Message;
import batchnorm.layer.Precondition;
import batchnorm.web.api.Idempotency;
import batchnorm.web.api.RequestFingerprint;
import batchnorm.web.telemetry.ServerTiming;
import java.util.List;
import java.util.Objects;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;
import org.springframework.core.MethodParameter;
import org.springframework.web.bind.support.WebDataBinderFactory;
import org.springframework.web.context.request.NativeWebRequest;
import org.springframework.web.method.support.HandlerMethodArgumentResolver;
import org.springframework.web.method.support.ModelAndViewContainer;

/// Resolves the parameters of controller methods that derive from the headers and state of the
/// request.
///
/// @param type of the parameter
public final record ApiArgumentResolver(Class<?> type, Function<RequestState, Object> value)
        implements HandlerMethodArgumentResolver {

    /// Returns the resolvers of all types except query records.
    public static List<ApiArgumentResolver> all() {
        return List.of(
                new ApiArgumentResolver(
                        Precondition.class, state -> EntityTags.precondition(state.request())),
                new ApiArgumentResolver(Idempotency.class, ApiArgumentResolver::idempotency),
                new ApiArgumentResolver(
                        RequestFingerprint.class,
                        state -> new RequestFingerprint(fingerprint(state))),
                new ApiArgumentResolver(ServerTiming.class, RequestState::timing),
                new ApiArgumentResolver(
                        SpentTensors.class, state -> (SpentTensors) state.spent()::addAll));
    }

    private static Idempotency idempotency(RequestState state) {
        String key = state.idempotencyKey();
        return new Idempotency(key, key == null ? null : fingerprint(state));
    }

    private static String fingerprint(RequestState state) {
        return Objects.requireNonNull(state.fingerprint()).text();
    }

    @Override
    public boolean supportsParameter(MethodParameter parameter) {
        return parameter.getParameterType() == type;
    }

    @Override
    public Object resolveArgument(
            MethodParameter parameter,
            @Nullable ModelAndViewContainer container,
            NativeWebRequest web,
            @Nullable WebDataBinderFactory binders) {
        return value.apply(RequestState.current());
    }

    /// Resolves records annotated with [Query].
    public static final class OfQuery implements HandlerMethodArgumentResolver {

        @Override
        public boolean supportsParameter(MethodParameter parameter) {
            return parameter.hasParameterAnnotation(Query.class);
        }

        @Override
        public Object resolveArgument(
                MethodParameter parameter,
                @Nullable ModelAndViewContainer container,
                NativeWebRequest web,
                @Nullable WebDataBinderFactory binders) {
            RecordBinding<?> binding = RecordBinding.of(parameter.getParameterType());
            Message message = new Message();
            QueryParameters.complete(
                    message, binding.signature(), RequestState.current().request());
            FieldLimits.check(message, binding.signature());
            return binding.read(message);
        }
    }
}
