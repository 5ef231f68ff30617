package batchnorm.access;

import java.util.Arrays;
import java.util.Locale;
import java.util.Optional;

/// The required scope of a route or the granted scope of an identity. Each includes those before
/// it.
public enum Scope {
    /// Requires no credentials; the scope of a request without them.
    NONE,
    /// Reads layers and infers.
    INFER,
    /// Creates layers, trains them and changes their parameters.
    TRAIN,
    /// Includes all other operations: deletion, import, backup.
    ADMIN;

    boolean includes(Scope needed) {
        return compareTo(needed) >= 0;
    }

    /// Returns the name in keys, tokens and responses: `train`.
    public String text() {
        return name().toLowerCase(Locale.ROOT);
    }

    /// Returns the scope with a name; `none` cannot be granted.
    static Optional<Scope> named(String text) {
        return Arrays.stream(values())
                .filter(scope -> scope != NONE && scope.text().equals(text))
                .findFirst();
    }
}
