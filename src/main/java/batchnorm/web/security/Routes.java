package batchnorm.web.security;

import batchnorm.access.RequiredScope;
import batchnorm.access.Scope;
import batchnorm.access.ScopeResolver;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.springframework.stereotype.Component;
import org.springframework.web.method.HandlerMethod;
import org.springframework.web.servlet.resource.ResourceHttpRequestHandler;

/// The required scopes of handlers: from the annotation of a controller method, or from a table for
/// the handlers of libraries.
@Component
final class Routes implements ScopeResolver {

    /// Handlers without an annotation. Documentation is public because it is the same everywhere.
    /// Health is public because probes have no credentials.
    private static final Map<String, Scope> OTHERS =
            Map.ofEntries(
                    Map.entry("/", Scope.NONE),
                    Map.entry("/error", Scope.NONE),
                    Map.entry("/problems", Scope.NONE),
                    Map.entry("/problems/{slug}", Scope.NONE),
                    Map.entry("/swagger-ui.html", Scope.NONE),
                    Map.entry("/v3/api-docs", Scope.NONE),
                    Map.entry("/v3/api-docs.yaml", Scope.NONE),
                    Map.entry("/v3/api-docs/swagger-config", Scope.NONE),
                    Map.entry("/actuator", Scope.INFER),
                    Map.entry("/actuator/backup", Scope.ADMIN),
                    Map.entry("/actuator/health", Scope.NONE),
                    Map.entry("/actuator/health/**", Scope.NONE),
                    Map.entry("/actuator/info", Scope.INFER),
                    Map.entry("/actuator/prometheus", Scope.INFER));

    @Override
    public @Nullable Scope of(Object handler, String pattern) {
        // Static files, and paths that do not exist.
        if (handler instanceof ResourceHttpRequestHandler) {
            return Scope.NONE;
        }
        RequiredScope required =
                handler instanceof HandlerMethod method
                        ? method.getMethodAnnotation(RequiredScope.class)
                        : null;
        return required == null ? OTHERS.get(pattern) : required.value();
    }
}
