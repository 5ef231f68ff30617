package batchnorm.normalization;

import batchnorm.tensor.DecimalText;
import org.jspecify.annotations.Nullable;

/// How a layer departs from plain batch normalization. A frozen layer, or one of these methods, is
/// the same operator with other statistics.
///
/// @param freezeStatistics whether training normalizes with the running statistics, as constants,
///   and leaves them as they are: what `eval()` on a `torch.nn.BatchNorm` does in fine-tuning
/// @param freezeParameters whether gamma and beta stay as they are, and have no gradients
/// @param statisticsBlend the weight of the batch's own statistics in inference, `a` from 0 to 1
///   (test-time adaptation)
/// @param virtualBatchSize how many samples of a training batch are normalized together; null for
///   all
/// @param renorm the limits of Batch Renorm; null without
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

    /// @throws InvalidConfig when it is not a weight
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

    /// The knob that a layer without running statistics cannot have, or null.
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
