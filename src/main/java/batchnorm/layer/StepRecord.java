package batchnorm.layer;

import batchnorm.normalization.BatchStatistics;
import batchnorm.normalization.Config;
import batchnorm.normalization.Parameters;
import batchnorm.normalization.RunningStatistics;
import java.time.Instant;
import org.jspecify.annotations.Nullable;

/// What a training step with an `Idempotency-Key` leaves behind, so that a retry answers the same
/// bits without a second step: everything but the tensor, which the retry brings again. A step of
/// the parameters leaves the same, with an empty batch.
///
/// @param fingerprint of the request that made the step
/// @param version the layer's, after the step
/// @param config the knobs, as they were
/// @param parameters gamma and beta, as they were; after a step of theirs, as it made them
/// @param running the running statistics after the step; null when the layer does not track them
/// @param prior the running statistics before the step, where it was measured against them; else
///   null
/// @param contextId of the context that the step made; null when it made none
public record StepRecord(
        String key,
        String fingerprint,
        long version,
        Instant createdAt,
        Config config,
        Parameters parameters,
        BatchStatistics batch,
        double alpha,
        @Nullable RunningStatistics running,
        @Nullable RunningStatistics prior,
        @Nullable String contextId) {

    /// A step that needed no running statistics.
    public StepRecord(
            String key,
            String fingerprint,
            long version,
            Instant createdAt,
            Config config,
            Parameters parameters,
            BatchStatistics batch,
            double alpha,
            @Nullable RunningStatistics running,
            @Nullable String contextId) {
        this(
                key,
                fingerprint,
                version,
                createdAt,
                config,
                parameters,
                batch,
                alpha,
                running,
                null,
                contextId);
    }
}
