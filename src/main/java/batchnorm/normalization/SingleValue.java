package batchnorm.normalization;

import batchnorm.normalization.Knob.SingleValuePolicy;

/// A training batch with one value per channel, and thus without a variance.
public final class SingleValue extends RuntimeException {
    private static final long serialVersionUID = 1;

    private SingleValue(String message) {
        super(message);
    }

    /// @param count values per channel
    /// @param subject the source of the values, with a verb
    /// @throws SingleValue for one value, if the layer rejects it
    static void reject(long count, Config config, String subject) {
        if (count == 1
                && config.policies().singleValue() == SingleValuePolicy.REJECT
                && learns(config)) {
            throw new SingleValue(
                    subject
                            + " one value per channel, whose variance is 0; send two or more, or"
                            + " create the layer with \"single_value\": \"zero_variance\"");
        }
    }

    /// @throws SingleValue for one position of positive weight, if the layer rejects it, and for
    ///   several whose weights have no unbiased variance
    static void reject(Weights weights, Config config) {
        reject(weights.counting(), config, "mask and weights leave");
        boolean unbiased = weights.total() > 1 || weights.counting() < 2;
        if (!unbiased && config.learnsUnbiased() && learns(config)) {
            throw new SingleValue(
                    "the weights sum to "
                            + weights.total()
                            + ", but an unbiased variance is M2/(m-1) with m their sum; scale them up,"
                            + " or give the layer \"running_variance\": \"biased\"");
        }
    }

    /// Returns whether the layer learns statistics; with frozen statistics any batch is accepted.
    private static boolean learns(Config config) {
        return !config.variant().freezeStatistics();
    }
}
