package batchnorm.layer;

import batchnorm.optimizer.Optimizer;
import org.jspecify.annotations.Nullable;

/// The options of a parameter update.
///
/// @param gradGamma null to keep gamma and its optimizer state
/// @param gradBeta null to keep beta and its optimizer state
/// @param restart whether to reset the optimizer state first
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
