package batchnorm.access;

import org.jspecify.annotations.Nullable;

/// What the handlers of one package need. Each package that answers requests brings a bean of it.
@FunctionalInterface
public interface ScopeResolver {

    /// @param handler what is about to answer, as Spring MVC knows it
    /// @param pattern the path it is mapped to, such as `/api/v1/layers/{name}`
    /// @return null for a handler of somebody else's; what nobody lists is open to nobody
    @Nullable Scope of(Object handler, String pattern);
}
