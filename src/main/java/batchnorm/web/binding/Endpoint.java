package batchnorm.web.binding;

import batchnorm.access.RequiredScope;
import batchnorm.checkpoint.fold.FoldedModel;
import batchnorm.codec.Signature;
import batchnorm.web.api.ApiAnswer;
import batchnorm.web.api.ApiRequest;
import batchnorm.web.api.ArchivedAnswer;
import batchnorm.web.api.FoldModelAnswer;
import batchnorm.web.api.MergePatch;
import batchnorm.web.api.RequestFingerprint;
import batchnorm.web.api.TensorBody;
import io.swagger.v3.oas.annotations.tags.Tag;
import java.lang.annotation.Annotation;
import java.lang.reflect.Method;
import java.lang.reflect.Parameter;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.springframework.core.ResolvableType;
import org.springframework.http.ResponseEntity;
import org.springframework.web.bind.annotation.RequestBody;
import org.springframework.web.method.HandlerMethod;

/// The declarations of a controller method: the name, representations and problems of its
/// operation. Negotiation and documentation use them.
public final class Endpoint {
    private static final Map<Method, Endpoint> ENDPOINTS = new ConcurrentHashMap<>();

    private final Method method;
    private final @Nullable Class<?> body;
    private final @Nullable Class<?> query;
    private final @Nullable Class<?> answer;
    private final String slug;
    private final List<Format> answerFormats;
    private final boolean fingerprinted;

    private Endpoint(Method method) {
        this.method = method;
        this.body = parameterType(method, RequestBody.class).orElse(null);
        this.query = parameterType(method, Query.class).orElse(null);
        this.answer =
                ResolvableType.forMethodReturnType(method)
                        .as(ResponseEntity.class)
                        .resolveGeneric();
        this.slug = id().replaceAll("([A-Z])", "-$1").toLowerCase(Locale.ROOT);
        this.answerFormats = answerFormats(answer);
        this.fingerprinted = takes(RequestFingerprint.class);
    }

    /// @return null for a method outside this API
    public static @Nullable Endpoint of(@Nullable Object handler) {
        return handler instanceof HandlerMethod method
                        && method.getMethod().getReturnType() == ResponseEntity.class
                        && method.hasMethodAnnotation(RequiredScope.class)
                        && method.getBeanType().isAnnotationPresent(Tag.class)
                ? ENDPOINTS.computeIfAbsent(method.getMethod(), Endpoint::new)
                : null;
    }

    private static Optional<Class<?>> parameterType(
            Method method, Class<? extends Annotation> annotation) {
        return Arrays.stream(method.getParameters())
                .filter(parameter -> parameter.isAnnotationPresent(annotation))
                .<Class<?>>map(Parameter::getType)
                .findFirst();
    }

    /// Returns the operation id for generated clients: `forwardTrain`.
    public String id() {
        return method.getName();
    }

    /// Returns the name of its documentation and metrics: `forward-train`.
    public String slug() {
        return slug;
    }

    /// Returns an annotation of the method.
    public <A extends Annotation> Optional<A> annotation(Class<A> type) {
        return Optional.ofNullable(method.getAnnotation(type));
    }

    /// Returns an annotation of the method's class.
    public <A extends Annotation> Optional<A> annotationOfClass(Class<A> type) {
        return Optional.ofNullable(method.getDeclaringClass().getAnnotation(type));
    }

    public boolean readsBody() {
        return body != null;
    }

    /// Returns whether the body has fields, unlike a checkpoint.
    public boolean readsFields() {
        return body != null && ApiRequest.class.isAssignableFrom(body);
    }

    public boolean isMergePatch() {
        return body != null && body.isAnnotationPresent(MergePatch.class);
    }

    /// Returns the formats of the request body, the default one first.
    public List<Format> requestFormats() {
        if (body == null) {
            return List.of();
        }
        return readsFields() ? formats(body) : Format.MODEL_FILES;
    }

    /// Returns the formats of the response body, the default one first; empty without a body.
    public List<Format> answerFormats() {
        return answerFormats;
    }

    private static List<Format> answerFormats(@Nullable Class<?> answer) {
        if (answer == null || answer == Void.class) {
            return List.of();
        }
        if (answer == CheckpointDownload.class) {
            return Format.CHECKPOINTS;
        }
        if (answer == FoldedModel.class) {
            return Format.FOLDED_MODELS;
        }
        if (ArchivedAnswer.class.isAssignableFrom(answer)) {
            return List.of(Format.JSON, Format.NPZ);
        }
        List<Format> formats = formats(answer);
        return hasTensor(answer)
                ? formats
                : formats.stream().filter(format -> !format.isBareArray()).toList();
    }

    private static List<Format> formats(Class<?> type) {
        return type.isAnnotationPresent(TensorBody.class)
                ? List.of(Format.values())
                : List.of(Format.JSON);
    }

    private static boolean hasTensor(Class<?> type) {
        return RecordBinding.of(type).signature().fields().stream()
                .anyMatch(field -> field.kind() == Signature.Kind.TENSOR);
    }

    /// Returns whether the query parameter `format` names the format of the response.
    boolean namesAnswerFormat() {
        return answer != null && ArchivedAnswer.class.isAssignableFrom(answer);
    }

    /// Returns whether the response is a file, of which raw bytes are a representation.
    boolean respondsWithFile() {
        return answer == FoldedModel.class;
    }

    /// Returns whether the response to a bare array defaults to a bare array.
    boolean respondsWithBareArray() {
        TensorBody forms = answer == null ? null : answer.getAnnotation(TensorBody.class);
        return forms != null && forms.bareArray();
    }

    /// Returns the fields of the request body; empty without one.
    public Optional<Signature> request() {
        return readsFields() ? signature(body) : Optional.empty();
    }

    /// Returns the fields of the query.
    public Optional<Signature> query() {
        return signature(query);
    }

    /// Returns the fields of the response body; empty without one.
    public Optional<Signature> answer() {
        if (answer == FoldedModel.class) {
            return signature(FoldModelAnswer.class);
        }
        return answer != null && ApiAnswer.class.isAssignableFrom(answer)
                ? signature(answer)
                : Optional.empty();
    }

    private static Optional<Signature> signature(@Nullable Class<?> type) {
        return Optional.ofNullable(type).map(each -> RecordBinding.of(each).signature());
    }

    /// Returns whether the handler compares requests with earlier ones.
    boolean isFingerprinted() {
        return fingerprinted;
    }

    /// Returns whether the method has a parameter of the type.
    public boolean takes(Class<?> type) {
        return Stream.of(method.getParameterTypes()).anyMatch(type::equals);
    }
}
