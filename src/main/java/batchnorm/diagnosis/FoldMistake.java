package batchnorm.diagnosis;

import java.util.Locale;

/// The known mistakes of folding, the most frequent first: between equal fits, this order decides.
public enum FoldMistake {
    NONE(
            "the folded weights and bias are right, up to the rounding of their precision",
            "nothing is to be done"),
    BIAS_NOT_SCALED(
            "the old bias is added as it is: it is not multiplied by gamma / sqrt(running_var + epsilon)",
            "compute (bias - running_mean) * gamma / sqrt(running_var + epsilon) + beta"),
    BIAS_DROPPED(
            "the old bias is missing in the new one",
            "compute (bias - running_mean) * gamma / sqrt(running_var + epsilon) + beta"),
    BIAS_UNCHANGED(
            "the bias is still the old one",
            "replace the bias, too: running_mean and beta are part of it"),
    MEAN_FORGOTTEN(
            "running_mean is missing in the new bias",
            "subtract running_mean from the old bias before it is scaled"),
    MEAN_ADDED(
            "running_mean is added in the new bias instead of subtracted",
            "compute (bias - running_mean) * gamma / sqrt(running_var + epsilon) + beta"),
    BETA_FORGOTTEN("beta is missing in the new bias", "add beta to the new bias"),
    SHIFT_SCALED_TWICE(
            "the new bias is computed from the weights that are already folded",
            "compute the sum of weight * shift from the old weights"),
    EPSILON_FORGOTTEN("epsilon is missing", "add epsilon to running_var before the root"),
    EPSILON_OTHER(
            "another epsilon is in the weights",
            "use the epsilon of the layer: frameworks have different defaults, 1e-5 and 1e-3"),
    EPSILON_OUTSIDE_ROOT(
            "epsilon is added to the deviation, outside of the root",
            "add epsilon to running_var, inside the root"),
    VARIANCE_FOR_DEVIATION(
            "the weights are divided by the variance, not by the deviation",
            "divide by sqrt(running_var + epsilon)"),
    GAMMA_FORGOTTEN("gamma is missing", "multiply by gamma"),
    WEIGHT_UNCHANGED(
            "the weights are still the old ones",
            "multiply the weights of each channel by gamma / sqrt(running_var + epsilon)"),
    WRONG_AXIS(
            "the weights are scaled along the wrong axis",
            "scale axis 0 of a convolution or linear weight, [out, in/groups, k...], after which the layer"
                    + " stands; axis 1 of conv_transpose, [in, out/groups, k...]; for a layer before the weights"
                    + " the axis of the inputs"),
    GROUPS_IGNORED(
            "every group has the scales of the first group",
            "count the channels of the second axis through all groups: group * channels per group + index"),
    UNKNOWN(
            "no known mistake gives these numbers",
            "compare the fields of the request with those of the implementation: kind, position, groups,"
                    + " gamma, beta, running_mean, running_var, epsilon");

    private final String sentence;
    private final String remedy;

    FoldMistake(String sentence, String remedy) {
        this.sentence = sentence;
        this.remedy = remedy;
    }

    /// Returns the name in JSON: `bias-not-scaled`.
    public String word() {
        return name().toLowerCase(Locale.ROOT).replace('_', '-');
    }

    public String sentence() {
        return sentence;
    }

    public String remedy() {
        return remedy;
    }
}
