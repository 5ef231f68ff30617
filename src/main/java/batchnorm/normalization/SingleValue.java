package batchnorm.normalization;

import batchnorm.normalization.Knob.SingleValuePolicy;

/// A training batch that has no variance to learn from.
public final class SingleValue extends RuntimeException {
    private static final long serialVersionUID = 1;

    private SingleValue(String message) {
        super(message);
    }

    /// @param count values per channel
    /// @param subject what holds them, and a verb
    /// @throws SingleValue for one, where the layer rejects that
    static void refuse(long count, Config config, String subject) {
        if (count == 1
                && config.policies().singleValue() == SingleValuePolicy.REJECT
                && learns(config)) {
            throw new SingleValue(
                    subject
                            + " one value per channel, whose variance is 0; send two or more, or"
                            + " create the layer with \"single_value\": \"zero_variance\"");
        }
    }

    /// @throws SingleValue where one position counts and the layer rejects that, and where the
    ///   weights of several have no unbiased variance
    static void refuse(Weights weights, Config config) {
        refuse(weights.counting(), config, "mask and weights leave");
        boolean unbiased = weights.total() > 1 || weights.counting() < 2;
        if (!unbiased && config.learnsUnbiased() && learns(config)) {
            throw new SingleValue(
                    "the weights sum to "
                            + weights.total()
                            + ", but an unbiased variance is M2/(m-1) with m their sum; scale them up,"
                            + " or give the layer \"running_variance\": \"biased\"");
        }
    }

    /// A layer whose statistics are frozen takes what it gets.
    private static boolean learns(Config config) {
        return !config.variant().freezeStatistics();
    }
}
