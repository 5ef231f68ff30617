package batchnorm.layer;

import org.jspecify.annotations.Nullable;

/// What a caller asks of a training step beside the tensor.
///
/// @param saveContext whether to keep what a backward needs
/// @param idempotencyKey under which the step is counted once, or null
/// @param fingerprint of the whole request, to tell a retry from another step; null without a key
public record Training(
        boolean saveContext,
        Precondition precondition,
        @Nullable String idempotencyKey,
        @Nullable String fingerprint) {
    public static final Training PLAIN = new Training(true, Precondition.NONE, null, null);
}
