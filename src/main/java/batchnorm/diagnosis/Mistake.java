package batchnorm.diagnosis;

import java.util.Locale;

/// The known mistakes, the most frequent first: between equal fits, this order decides.
public enum Mistake {
    UNBIASED_VARIANCE(
            "the variance is unbiased, M2/(m-1), where the biased one is right",
            "divide the sum of squared deviations by m: ddof=0, or unbiased=False",
            "channels with different variances, or another batch size"),
    BIASED_VARIANCE(
            "the running variance averages the biased variance M2/m",
            "multiply the batch's variance by m/(m-1) before it enters the running variance",
            "a small batch, such as 2 to 8 values per channel"),
    MOMENTUM_REVERSED(
            "momentum weighs the wrong side of the running update",
            "exchange momentum and 1 - momentum; PyTorch's momentum is the weight of the new batch, "
                    + "that of the other frameworks the weight of the old value",
            "the convention that the implementation follows, and a momentum other than 0.5"),
    VARIANCE_ONLY_DECAYED(
            "the running variance only decays: the term of the batch's variance is missing",
            "add the missing term: running_var = (1 - alpha) * running_var + alpha * var",
            "a running_var_before other than 0"),
    MEAN_ONLY_DECAYED(
            "the running mean only decays: the term of the batch's mean is missing",
            "add the missing term: running_mean = (1 - alpha) * running_mean + alpha * mean",
            "a running_mean_before other than 0"),
    NOT_UPDATED(
            "a running statistic is not updated",
            "assign the updated statistics at the end of every training step",
            "running statistics before the step that differ from the batch's and from 0"),
    UPDATED_IN_INFERENCE(
            "the running statistics are updated in inference",
            "update the running statistics in training only",
            "running statistics before the pass that differ from the batch's"),
    ZERO_START(
            "the running update starts from 0 instead of the previous value",
            "initialize running_var with 1, and start from the previous value in each step",
            "running statistics before the step other than 0"),
    UPDATED_TWICE(
            "the running statistics are updated twice with the same batch",
            "update the running statistics once per training step",
            "the momentum of the implementation"),
    DEVIATION_FOR_VARIANCE(
            "the running variance averages standard deviations",
            "store the variance, and take its root only where the input is divided",
            "a batch whose variances are far from 1"),
    EPSILON_OTHER(
            "another epsilon fits",
            "use the epsilon of the framework that the implementation follows",
            "two or more channels with different variances, some near epsilon"),
    EPSILON_MISSING(
            "epsilon is missing",
            "add epsilon to the variance before the root",
            "a channel whose variance is near epsilon, in FP64"),
    EPSILON_OUTSIDE_ROOT(
            "epsilon is outside of the root",
            "add epsilon to the variance, inside the root",
            "a channel whose variance is near epsilon, in FP64"),
    VARIANCE_FOR_DEVIATION(
            "the input is divided by the variance instead of its root",
            "divide by sqrt(var + epsilon)",
            "channels with variances other than 1"),
    GAMMA_MISSING(
            "gamma is missing", "multiply the normalized input by gamma", "a gamma other than 1"),
    BETA_MISSING("beta is missing", "add beta", "a beta other than 0"),
    GAMMA_BETA_SWAPPED(
            "gamma and beta are swapped",
            "multiply by gamma, then add beta",
            "a gamma that differs from beta"),
    SUM_FOR_MEAN(
            "a sum stands in place of a mean",
            "divide the sum by the number of values per channel",
            "two or more channels with different means and variances"),
    WRONG_AXES(
            "the statistics are those of other axes",
            "reduce every axis but the channel axis",
            "a shape with different dimensions, and channels with different means"),
    INFERENCE_STATISTICS(
            "a training batch is normalized with the running statistics",
            "normalize a training batch with its own mean and variance",
            "running statistics that differ from the batch's"),
    BATCH_STATISTICS(
            "inference uses the batch's own statistics",
            "normalize with running_mean and running_var in inference",
            "running statistics that differ from the batch's"),
    CANCELLATION(
            "the variance is computed as E[x²] - E[x]², which cancels",
            "subtract the mean before squaring, or use Welford's algorithm",
            "an input whose mean is larger in relation to its deviation"),
    STATISTICS_CONSTANT(
            "the gradient treats the statistics as constants",
            "subtract the terms of the mean and of the variance: both depend on the input",
            "a grad_output that differs between the values of a channel"),
    MEAN_TERM_MISSING(
            "the gradient lacks the term of the mean",
            "subtract the mean of grad_output, per channel",
            "a grad_output whose sum per channel is not 0"),
    VARIANCE_TERM_MISSING(
            "the gradient lacks the term of the variance",
            "subtract xhat times the mean of grad_output * xhat, per channel",
            "a grad_output that is correlated with the input"),
    COUNT_MISSING(
            "the factor 1/m of a sum is missing in the gradient",
            "divide the sums by m, the number of values per channel",
            "a grad_output whose sum per channel is not 0 and that is correlated with the input"),
    GAMMA_MISSING_IN_GRADIENT(
            "gamma is missing in the gradient of the input",
            "multiply grad_output by gamma first",
            "a gamma other than 1"),
    INPUT_FOR_XHAT(
            "the input stands in place of the normalized input xhat in a gradient",
            "use xhat = (x - mean) / sqrt(var + epsilon)",
            "an input that is not normalized yet"),
    OTHER_FORWARD(
            "the gradient uses the saved values of another forward pass",
            "save the input and the statistics of each forward pass for its own backward pass",
            "two inputs with different statistics"),
    UNKNOWN(
            "no known convention and no known mistake gives these numbers",
            "check gamma, beta and epsilon of the request; compare the intermediates with those of "
                    + "POST /api/v1/explain",
            "a smaller batch, such as 3 rows");

    private final String sentence;
    private final String remedy;
    private final String contrast;

    Mistake(String sentence, String remedy, String contrast) {
        this.sentence = sentence;
        this.remedy = remedy;
        this.contrast = contrast;
    }

    /// Returns the name in JSON: `epsilon-outside-root`.
    public String word() {
        return name().toLowerCase(Locale.ROOT).replace('_', '-');
    }

    public String sentence() {
        return sentence;
    }

    public String remedy() {
        return remedy;
    }

    /// Returns the data that distinguishes this mistake from others.
    public String contrast() {
        return contrast;
    }
}
