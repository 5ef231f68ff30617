package batchnorm.layer;

import batchnorm.normalization.BatchStatistics;
import batchnorm.normalization.Config;
import batchnorm.normalization.Parameters;
import batchnorm.normalization.RunningStatistics;
import java.time.Instant;
import org.jspecify.annotations.Nullable;

/// The record of a training step with an `Idempotency-Key`. A retry sends the tensor again and gets
/// a bitwise equal response without a second step. A parameter update leaves the same record, with
/// an empty batch.
///
/// @param fingerprint of the request that made the step
/// @param version of the layer after the step
/// @param config the knobs before the step
/// @param parameters gamma and beta before a training step, or after a parameter update
/// @param running the running statistics after the step; null when the layer does not track them
/// @param prior the running statistics before the step if it normalized with them; else null
/// @param contextId of the context that the step stored; null without one
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

    /// Creates the record of a step that did not normalize with running statistics.
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
