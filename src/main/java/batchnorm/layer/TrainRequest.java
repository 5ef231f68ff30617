package batchnorm.layer;

import batchnorm.normalization.Weighting;
import org.jspecify.annotations.Nullable;

/// The options of a training step.
///
/// @param saveContext whether to store the context of a backward pass
/// @param commit whether to count the batch; if false, the layer stays unchanged
/// @param weighting the weights of the batch's values
/// @param idempotencyKey under which the step is counted once, or null
/// @param fingerprint of the whole request, to distinguish a retry from another step; null without
///   a key
public record TrainRequest(
        boolean saveContext,
        boolean commit,
        Weighting weighting,
        Precondition precondition,
        @Nullable String idempotencyKey,
        @Nullable String fingerprint) {
    public static final TrainRequest PLAIN = new TrainRequest(true, Precondition.NONE, null, null);

    /// Creates a request in which every value counts.
    public TrainRequest(
            boolean saveContext,
            Precondition precondition,
            @Nullable String idempotencyKey,
            @Nullable String fingerprint) {
        this(saveContext, true, Weighting.NONE, precondition, idempotencyKey, fingerprint);
    }

    /// Returns the key to record the step under; null without a key, and for a step that is not
    /// counted.
    @Nullable String recordedKey() {
        return commit ? idempotencyKey : null;
    }
}
