package batchnorm.access;

import org.jspecify.annotations.Nullable;

/// Resolves the required scope of the handlers of one package. Each package with handlers has a
/// bean of it.
@FunctionalInterface
public interface ScopeResolver {

    /// @param handler the handler that Spring MVC selected
    /// @param pattern its path pattern, such as `/api/v1/layers/{name}`
    /// @return null for a handler of another package; a handler without a scope rejects every
    ///   request
    @Nullable Scope of(Object handler, String pattern);
}
