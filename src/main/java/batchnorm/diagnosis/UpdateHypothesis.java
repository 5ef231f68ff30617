package batchnorm.diagnosis;

import batchnorm.normalization.Convention;
import batchnorm.tensor.DecimalText;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/// A running update.
final class UpdateHypothesis implements Hypothesis {
    /// The running statistics before the step.
    record Before(double[] mean, double[] variance) {
        boolean isZero() {
            return Arrays.stream(mean).allMatch(value -> value == 0)
                    && Arrays.stream(variance).allMatch(value -> value == 0);
        }
    }

    /// What the running mean becomes.
    enum MeanForm {
        UPDATED(null, "(1-α)·running_mean + α·mean"),
        DECAYED(Mistake.MEAN_ONLY_DECAYED, "(1-α)·running_mean"),
        UNCHANGED(Mistake.NOT_UPDATED, "running_mean"),
        FROM_ZERO(Mistake.ZERO_START, "α·mean");

        private final @Nullable Mistake mistake;
        private final String formula;

        MeanForm(@Nullable Mistake mistake, String formula) {
            this.mistake = mistake;
            this.formula = formula;
        }

        @Nullable Mistake mistake() {
            return mistake;
        }
    }

    /// What the running variance becomes.
    enum VarianceForm {
        BIASED(null, "(1-α)·running_var + α·var"),
        UNBIASED(null, "(1-α)·running_var + α·m/(m-1)·var"),
        DECAYED(Mistake.VARIANCE_ONLY_DECAYED, "(1-α)·running_var"),
        UNCHANGED(Mistake.NOT_UPDATED, "running_var"),
        DEVIATION(Mistake.DEVIATION_FOR_VARIANCE, "(1-α)·running_var + α·√(var)"),
        UNBIASED_DEVIATION(Mistake.DEVIATION_FOR_VARIANCE, "(1-α)·running_var + α·√(m/(m-1)·var)"),
        DEVIATION_WITH_EPSILON(Mistake.DEVIATION_FOR_VARIANCE, "(1-α)·running_var + α·√(var + ε)"),
        FROM_ZERO(Mistake.ZERO_START, "α·var"),
        UNBIASED_FROM_ZERO(Mistake.ZERO_START, "α·m/(m-1)·var"),
        CANCELLED(Mistake.CANCELLATION, "(1-α)·running_var + α·(E[x²] - E[x]²)"),
        UNBIASED_CANCELLED(Mistake.CANCELLATION, "(1-α)·running_var + α·m/(m-1)·(E[x²] - E[x]²)");

        private final @Nullable Mistake mistake;
        private final String formula;

        VarianceForm(@Nullable Mistake mistake, String formula) {
            this.mistake = mistake;
            this.formula = formula;
        }

        @Nullable Mistake mistake() {
            return mistake;
        }

        private boolean keepsOld() {
            return this != FROM_ZERO && this != UNBIASED_FROM_ZERO;
        }

        private double batch(double variance, int count, double epsilon) {
            double unbiased = variance * count / (count - 1);
            return switch (this) {
                case BIASED, FROM_ZERO, CANCELLED -> variance;
                case UNBIASED, UNBIASED_FROM_ZERO, UNBIASED_CANCELLED -> unbiased;
                case DEVIATION -> Math.sqrt(variance);
                case UNBIASED_DEVIATION -> Math.sqrt(unbiased);
                case DEVIATION_WITH_EPSILON -> Math.sqrt(variance + epsilon);
                case DECAYED, UNCHANGED -> 0;
            };
        }
    }

    /// The weight of the batch.
    ///
    /// @param mistake null if it is right for the conventions
    /// @param estimated whether it is a guess from the results
    record Weight(
            double alpha,
            @Nullable Mistake mistake,
            Set<Convention> conventions,
            boolean estimated) {}

    private final Source source;
    private final Before before;
    private final Weight weight;
    private final MeanForm meanForm;
    private final VarianceForm varianceForm;
    private final double epsilon;
    private final boolean meanFirst;
    private final List<Mistake> mistakes;
    private final Set<Convention> conventions;

    /// @param meanFirst whether target 0 is the running mean instead of the running variance
    UpdateHypothesis(
            Source source,
            Before before,
            Weight weight,
            MeanForm meanForm,
            VarianceForm varianceForm,
            double epsilon,
            boolean meanFirst,
            Set<Mistake> mistakes,
            Set<Convention> conventions) {
        this.source = source;
        this.before = before;
        this.weight = weight;
        this.meanForm = meanForm;
        this.varianceForm = varianceForm;
        this.epsilon = epsilon;
        this.meanFirst = meanFirst;
        this.mistakes = new ArrayList<>(mistakes);
        this.conventions = mistakes.isEmpty() ? conventions : Set.of();
    }

    @Override
    public List<Mistake> mistakes() {
        return mistakes;
    }

    @Override
    public Set<Convention> conventions() {
        return conventions;
    }

    @Override
    public String formula() {
        return "running_mean ← "
                + meanForm.formula
                + ", running_var ← "
                + varianceForm.formula
                + ", α = "
                + alphaInWords();
    }

    /// Writes alpha without the rounding of `1 - momentum`.
    private String alphaInWords() {
        double alpha = weight.alpha();
        return DecimalText.of(Brief.of(alpha, 4 * Math.ulp(alpha)));
    }

    @Override
    public String detail() {
        if (mistakes.isEmpty()) {
            String kind =
                    switch (varianceForm) {
                        case BIASED -> ", biased variance";
                        case UNBIASED -> ", unbiased variance";
                        default -> "";
                    };
            return meanForm == MeanForm.UNCHANGED ? "unchanged" : "alpha " + alphaInWords() + kind;
        }
        return mistakes.stream()
                .map(mistake ->
                        mistake == Mistake.WRONG_AXES
                                ? mistake.sentence() + ", those of " + source.detail()
                                : mistake.sentence())
                .collect(Collectors.joining("; "));
    }

    @Override
    public void predict(int target, int channel, Point into) {
        int group = source.grouping().groups() == 1 ? 0 : channel;
        double mean = source.statistics().mean(group);
        double variance = source.statistics().variance(group);
        if (target == 0 && meanFirst) {
            predictMean(before.mean()[channel], mean, Math.sqrt(variance), into);
        } else {
            predictVariance(before.variance()[channel], mean, variance, into);
        }
    }

    private void predictMean(double old, double mean, double deviation, Point into) {
        double alpha = weight.alpha();
        double value =
                switch (meanForm) {
                    case UPDATED -> old + alpha * (mean - old);
                    case DECAYED -> (1 - alpha) * old;
                    case UNCHANGED -> old;
                    case FROM_ZERO -> alpha * mean;
                };
        into.set(value, Math.abs(old) + alpha * (Math.abs(mean) + deviation));
    }

    private void predictVariance(double old, double mean, double variance, Point into) {
        double alpha = weight.alpha();
        int count = source.grouping().count();
        double batch = varianceForm.batch(variance, count, epsilon);
        double value =
                switch (varianceForm) {
                    case UNCHANGED -> old;
                    case DECAYED -> (1 - alpha) * old;
                    default ->
                            varianceForm.keepsOld() ? old + alpha * (batch - old) : alpha * batch;
                };
        double spread =
                varianceForm.mistake() == Mistake.CANCELLATION
                        ? mean * mean
                        : Math.abs(mean) * Math.sqrt(variance);
        into.set(value, Math.abs(old) + alpha * (batch + spread));
    }

    @Override
    public void prepare() {
        source.statistics().complete();
    }

    @Override
    public int terms() {
        return source.grouping().count();
    }

    @Override
    public boolean isEstimated() {
        return weight.estimated();
    }

    @Override
    public @Nullable List<Integer> axes() {
        return source.wrongAxes();
    }

    @Override
    public @Nullable Double alpha() {
        return meanForm == MeanForm.UNCHANGED && varianceForm == VarianceForm.UNCHANGED
                ? null
                : (Double) weight.alpha();
    }
}
