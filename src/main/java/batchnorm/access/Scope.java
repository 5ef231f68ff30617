package batchnorm.access;

import java.util.Arrays;
import java.util.Locale;
import java.util.Optional;

/// What a route needs and what an identity has. Each includes those before it.
public enum Scope {
    /// Open to anyone; what a request without credentials has.
    NONE,
    /// Read layers, infer.
    INFER,
    /// Make layers, train them, change their parameters.
    TRAIN,
    /// Everything else: delete, import, back up.
    ADMIN;

    boolean includes(Scope needed) {
        return compareTo(needed) >= 0;
    }

    /// As keys, tokens and answers name it: `train`.
    public String text() {
        return name().toLowerCase(Locale.ROOT);
    }

    /// The scope of this name; `none` cannot be granted.
    static Optional<Scope> named(String text) {
        return Arrays.stream(values())
                .filter(scope -> scope != NONE && scope.text().equals(text))
                .findFirst();
    }
}
