package batchnorm.layer;

import batchnorm.normalization.Weighting;
import org.jspecify.annotations.Nullable;

/// What a caller asks of a training step beside the tensor.
///
/// @param saveContext whether to keep what a backward needs
/// @param commit whether to count the batch; if not, everything is computed and nothing changes
/// @param weighting which parts of the batch count
/// @param idempotencyKey under which the step is counted once, or null
/// @param fingerprint of the whole request, to tell a retry from another step; null without a key
public record TrainRequest(
        boolean saveContext,
        boolean commit,
        Weighting weighting,
        Precondition precondition,
        @Nullable String idempotencyKey,
        @Nullable String fingerprint) {
    public static final TrainRequest PLAIN = new TrainRequest(true, Precondition.NONE, null, null);

    /// A step in which everything counts.
    public TrainRequest(
            boolean saveContext,
            Precondition precondition,
            @Nullable String idempotencyKey,
            @Nullable String fingerprint) {
        this(saveContext, true, Weighting.NONE, precondition, idempotencyKey, fingerprint);
    }

    /// The key under which the step is recorded, so that a retry is answered as the first request
    /// was; null without one, and for what is not counted, which leaves nothing behind.
    @Nullable String recordedKey() {
        return commit ? idempotencyKey : null;
    }
}
