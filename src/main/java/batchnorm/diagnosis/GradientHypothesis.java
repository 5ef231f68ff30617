package batchnorm.diagnosis;

import batchnorm.diagnosis.ForwardHypothesis.Parameters;
import batchnorm.normalization.Convention;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/// A backward pass: which statistics it goes through, and how the gradients follow from them.
final class GradientHypothesis implements Hypothesis {
    private static final String RIGHT_DGAMMA = "Σ dy·xhat";

    /// The gradient of the input.
    enum InputForm {
        RIGHT(null, "γ / std · (dy - Σdy/m - xhat · Σ(dy·xhat)/m)"),
        CONSTANT(Mistake.STATISTICS_CONSTANT, "γ / std · dy"),
        WITHOUT_MEAN(Mistake.MEAN_TERM_MISSING, "γ / std · (dy - xhat · Σ(dy·xhat)/m)"),
        WITHOUT_VARIANCE(Mistake.VARIANCE_TERM_MISSING, "γ / std · (dy - Σdy/m)"),
        WITHOUT_COUNT(Mistake.COUNT_MISSING, "γ / std · (dy - Σdy - xhat · Σ(dy·xhat))"),
        WITHOUT_COUNT_OF_MEAN(Mistake.COUNT_MISSING, "γ / std · (dy - Σdy - xhat · Σ(dy·xhat)/m)"),
        WITHOUT_COUNT_OF_VARIANCE(
                Mistake.COUNT_MISSING, "γ / std · (dy - Σdy/m - xhat · Σ(dy·xhat))"),
        WITHOUT_GAMMA(
                Mistake.GAMMA_MISSING_IN_GRADIENT, "1 / std · (dy - Σdy/m - xhat · Σ(dy·xhat)/m)"),
        INPUT_AS_XHAT(Mistake.INPUT_FOR_XHAT, "γ / std · (dy - Σdy/m - x · Σ(dy·xhat)/m)"),
        INPUT_IN_SUM(Mistake.INPUT_FOR_XHAT, "γ / std · (dy - Σdy/m - xhat · Σ(dy·x)/m)"),
        INPUT_IN_BOTH(Mistake.INPUT_FOR_XHAT, "γ / std · (dy - Σdy/m - x · Σ(dy·x)/m)");

        private final @Nullable Mistake mistake;
        private final String formula;

        InputForm(@Nullable Mistake mistake, String formula) {
            this.mistake = mistake;
            this.formula = formula;
        }

        @Nullable Mistake mistake() {
            return mistake;
        }

        private double ofMean(int count) {
            return switch (this) {
                case CONSTANT, WITHOUT_MEAN -> 0;
                case WITHOUT_COUNT, WITHOUT_COUNT_OF_MEAN -> 1;
                default -> 1.0 / count;
            };
        }

        private double ofVariance(int count) {
            return switch (this) {
                case CONSTANT, WITHOUT_VARIANCE -> 0;
                case WITHOUT_COUNT, WITHOUT_COUNT_OF_VARIANCE -> 1;
                default -> 1.0 / count;
            };
        }

        private boolean takesInput() {
            return this == INPUT_AS_XHAT || this == INPUT_IN_BOTH;
        }

        private boolean sumsInput() {
            return this == INPUT_IN_SUM || this == INPUT_IN_BOTH;
        }
    }

    /// The forward pass that the gradients go through.
    ///
    /// @param sums of its input and the gradient of its output
    /// @param mistakes of these statistics
    record Base(
            Normalized normalized,
            GradientSums sums,
            Set<Mistake> mistakes,
            Set<Convention> conventions) {}

    private final Base base;
    private final InputForm form;
    private final boolean inputForXhat;
    private final Parameters parameters;
    private final List<String> fields;
    private final List<Mistake> mistakes;

    /// @param inputForXhat whether the gradient of gamma sums `dy·x`
    /// @param fields of the targets
    GradientHypothesis(
            Base base,
            InputForm form,
            boolean inputForXhat,
            Parameters parameters,
            List<String> fields,
            Set<Mistake> mistakes) {
        this.base = base;
        this.form = form;
        this.inputForXhat = inputForXhat;
        this.parameters = parameters;
        this.fields = fields;
        this.mistakes = new ArrayList<>(mistakes);
    }

    @Override
    public List<Mistake> mistakes() {
        return mistakes;
    }

    @Override
    public Set<Convention> conventions() {
        return mistakes.isEmpty() ? base.conventions() : Set.of();
    }

    @Override
    public String formula() {
        String ofInput = base.normalized().source().running() ? "γ / std · dy" : form.formula;
        return "dx = "
                + ofInput
                + ", dγ = "
                + (inputForXhat ? "Σ dy·x" : RIGHT_DGAMMA)
                + ", dβ = Σ dy, xhat = "
                + base.normalized().formula();
    }

    @Override
    public String detail() {
        if (mistakes.isEmpty()) {
            return base.normalized().source().running()
                    ? "with constant statistics"
                    : "through the batch's statistics";
        }
        return mistakes.stream().map(Mistake::sentence).collect(Collectors.joining("; "));
    }

    @Override
    public void predict(int target, int index, Point into) {
        switch (fields.get(target)) {
            case "grad_input" -> predictInput(index, into);
            case "grad_gamma" -> predictGamma(index, into);
            default -> {
                GradientSums sums = base.sums();
                into.set(sums.ofGradient(index), sums.ofAbsolute(index));
            }
        }
    }

    private void predictInput(int index, Point into) {
        Normalized normalized = base.normalized();
        Grouping grouping = normalized.source().grouping();
        GradientSums sums = base.sums();
        int group = grouping.groupOf(index);
        double center = normalized.center(group);
        double inverse = 1 / normalized.divisor(group);
        boolean plain = form == InputForm.WITHOUT_GAMMA;
        double gamma = plain ? 1 : parameters.gamma(parameters.grouping().groupOf(index));
        double dy = gamma * sums.gradient(index);
        if (normalized.source().running()) {
            into.set(inverse * dy, inverse * Math.abs(dy));
            return;
        }
        int count = grouping.count();
        double x = sums.input(index);
        double xhat = (x - center) * inverse;
        double weighted =
                form.sumsInput()
                        ? sums.scaledByInput(group)
                        : sums.scaledByDeviation(group, center, plain) * inverse;
        double sum = sums.scaled(group, plain);
        double ofMean = form.ofMean(count);
        double ofVariance =
                form.ofVariance(count)
                        * normalized
                                .divisor()
                                .sensitivity(normalized.variance(group), normalized.epsilon());
        if (normalized.spread() == Spread.UNBIASED) {
            ofVariance *= count / (count - 1.0);
        }
        double factor = form.takesInput() ? x : xhat;
        double value = inverse * (dy - ofMean * sum - ofVariance * factor * weighted);
        double absolute = sums.absolute(group, plain);
        double size =
                Math.abs(dy)
                        + ofMean * absolute
                        + ofVariance
                                * (Math.abs(factor) + Math.abs(center) * inverse)
                                * sums.absoluteByDeviation(group, center, plain)
                                * inverse
                        + (form.sumsInput() ? ofVariance * Math.abs(factor * weighted) : 0);
        into.set(value, inverse * size * (1 + Math.abs(center) * inverse));
    }

    private void predictGamma(int channel, Point into) {
        Normalized normalized = base.normalized();
        GradientSums sums = base.sums();
        if (inputForXhat) {
            into.set(sums.ofInput(channel), sums.ofAbsoluteInput(channel));
            return;
        }
        sums.predictGamma(normalized, channel, into);
    }

    @Override
    public void prepare() {
        base.normalized().source().statistics().complete();
    }

    @Override
    public int terms() {
        return base.normalized().source().grouping().count();
    }

    @Override
    public @Nullable Double epsilon() {
        Normalized normalized = base.normalized();
        return normalized.divisor().lacksEpsilon() ? null : (Double) normalized.epsilon();
    }

    @Override
    public @Nullable List<Integer> axes() {
        return base.normalized().source().wrongAxes();
    }
}
