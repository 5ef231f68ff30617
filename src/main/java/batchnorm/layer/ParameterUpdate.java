package batchnorm.layer;

import batchnorm.optimizer.Optimizer;
import org.jspecify.annotations.Nullable;

/// What a caller asks of a step of its parameters.
///
/// @param gradGamma null to leave gamma, and what is remembered of it, as it is
/// @param gradBeta the same for beta
/// @param restart whether to forget first what the optimizer remembers
/// @param idempotencyKey under which the step is made once, or null
/// @param fingerprint of the whole request; null without a key
public record ParameterUpdate(
        double @Nullable [] gradGamma,
        double @Nullable [] gradBeta,
        Optimizer optimizer,
        boolean restart,
        Precondition precondition,
        @Nullable String idempotencyKey,
        @Nullable String fingerprint) {}
