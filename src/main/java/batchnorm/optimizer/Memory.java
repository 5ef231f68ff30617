package batchnorm.optimizer;

import org.jspecify.annotations.Nullable;

/// The state of an optimizer for one vector of parameters.
///
/// Arrays are shared, never written.
///
/// @param steps the number of steps so far
/// @param first SGD's momentum buffer, or Adam's average of gradients; null before the first step
/// @param second Adam's average of squared gradients
public record Memory(Kind kind, long steps, double @Nullable [] first, double @Nullable [] second) {

    /// The rules that share a form of state.
    public enum Kind {
        SGD,
        ADAM
    }
}
