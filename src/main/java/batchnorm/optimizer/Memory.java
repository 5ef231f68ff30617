package batchnorm.optimizer;

import org.jspecify.annotations.Nullable;

/// What an optimizer remembers of one vector of parameters.
///
/// Arrays are shared, never written.
///
/// @param steps made so far
/// @param first SGD's momentum buffer, or Adam's average of gradients; null before there is one
/// @param second Adam's average of squared gradients
public record Memory(Kind kind, long steps, double @Nullable [] first, double @Nullable [] second) {

    /// Which rules understand it.
    public enum Kind {
        SGD,
        ADAM
    }
}
