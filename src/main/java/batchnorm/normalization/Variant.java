package batchnorm.normalization;

import batchnorm.tensor.DecimalText;
import org.jspecify.annotations.Nullable;

/// The deviation of a layer from plain batch normalization. A frozen layer, or one of these
/// methods, is the same operator with other statistics.
///
/// @param freezeStatistics whether training normalizes with the running statistics, as constants,
///   and does not update them, as `eval()` on a `torch.nn.BatchNorm` in fine-tuning
/// @param freezeParameters whether gamma and beta are constant and have no gradients
/// @param statisticsBlend the weight of the batch's own statistics in inference, `a` from 0 to 1
///   (test-time adaptation)
/// @param virtualBatchSize the number of samples normalized together in training; null for all
/// @param renorm the limits of Batch Renorm, or null
public record Variant(
        boolean freezeStatistics,
        boolean freezeParameters,
        double statisticsBlend,
        @Nullable Integer virtualBatchSize,
        @Nullable Renorm renorm) {
    /// Plain batch normalization.
    public static final Variant PLAIN = new Variant(false, false, 0, null, null);

    public Variant {
        requireShare(statisticsBlend);
        if (virtualBatchSize != null && virtualBatchSize < 1) {
            throw new InvalidConfig(
                    "virtual_batch_size",
                    "virtual_batch_size is "
                            + virtualBatchSize
                            + "; it must be 1 or more, or null");
        }
    }

    /// @throws InvalidConfig when the weight is out of range
    public static double requireShare(double blend) {
        if (!(blend >= 0 && blend <= 1)) {
            throw new InvalidConfig(
                    "statistics_blend",
                    "statistics_blend is "
                            + DecimalText.of(blend)
                            + "; it must be from 0 (the running statistics) to 1 (the batch's own)");
        }
        return blend;
    }

    /// Returns the knob that requires running statistics, or null.
    @Nullable String needsRunningStatistics() {
        if (freezeStatistics) {
            return "freeze_statistics";
        }
        if (renorm != null) {
            return "r_max";
        }
        return statisticsBlend > 0 ? "statistics_blend" : null;
    }
}
