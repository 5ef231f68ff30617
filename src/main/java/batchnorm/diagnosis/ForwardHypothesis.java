package batchnorm.diagnosis;

import batchnorm.normalization.Convention;
import batchnorm.tensor.DecimalText;
import batchnorm.tensor.Tensor;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Objects;
import java.util.Set;
import java.util.function.IntToDoubleFunction;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/// A forward pass: `xhat` in one of several ways, then gamma and beta in one of several ways.
final class ForwardHypothesis implements Hypothesis {
    /// The use of gamma and beta.
    enum Affine {
        RIGHT("γ · %s + β"),
        WITHOUT_GAMMA("%s + β", Mistake.GAMMA_MISSING),
        WITHOUT_BETA("γ · %s", Mistake.BETA_MISSING),
        WITHOUT_BOTH("%s", Mistake.GAMMA_MISSING, Mistake.BETA_MISSING),
        SWAPPED("β · %s + γ", Mistake.GAMMA_BETA_SWAPPED);

        private final String formula;
        private final List<Mistake> mistakes;

        Affine(String formula, Mistake... mistakes) {
            this.formula = formula;
            this.mistakes = List.of(mistakes);
        }

        List<Mistake> mistakes() {
            return mistakes;
        }

        private double factor(Parameters parameters, int channel) {
            return switch (this) {
                case RIGHT, WITHOUT_BETA -> parameters.gamma(channel);
                case WITHOUT_GAMMA, WITHOUT_BOTH -> 1;
                case SWAPPED -> parameters.beta(channel);
            };
        }

        private double addend(Parameters parameters, int channel) {
            return switch (this) {
                case RIGHT, WITHOUT_GAMMA -> parameters.beta(channel);
                case WITHOUT_BETA, WITHOUT_BOTH -> 0;
                case SWAPPED -> parameters.gamma(channel);
            };
        }
    }

    /// Gamma and beta, and the groups that they belong to.
    record Parameters(double @Nullable [] gamma, double @Nullable [] beta, Grouping grouping) {
        double gamma(int channel) {
            return gamma == null ? 1 : gamma[channel];
        }

        double beta(int channel) {
            return beta == null ? 0 : beta[channel];
        }
    }

    private final Tensor input;
    private final Normalized normalized;
    private final boolean estimated;
    private final Affine affine;
    private final Parameters parameters;
    private final Set<Convention> conventions;
    private final List<Mistake> mistakes = new ArrayList<>();
    private final double ofQuotient;
    private @Nullable Coefficients coefficients;

    /// @param ofEpsilon the mistake of its value, or null
    /// @param estimated whether epsilon or a variance was estimated from the output
    ForwardHypothesis(
            Tensor input,
            Normalized normalized,
            @Nullable Mistake ofEpsilon,
            boolean estimated,
            Affine affine,
            Parameters parameters,
            Set<Convention> conventions) {
        this.input = input;
        this.normalized = normalized;
        this.estimated = estimated;
        this.affine = affine;
        this.parameters = parameters;
        add(normalized.source().mistake());
        add(normalized.spread().mistake());
        add(normalized.divisor().mistake());
        add(ofEpsilon);
        mistakes.addAll(affine.mistakes);
        this.conventions = mistakes.isEmpty() ? conventions : Set.of();
        ofQuotient = normalized.divisor().addend(normalized.epsilon());
    }

    private void add(@Nullable Mistake mistake) {
        if (mistake != null) {
            mistakes.add(mistake);
        }
    }

    Normalized normalized() {
        return normalized;
    }

    Affine affine() {
        return affine;
    }

    Parameters parameters() {
        return parameters;
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
        return affine.formula.formatted(normalized.formula());
    }

    @Override
    public String detail() {
        if (mistakes.isEmpty()) {
            return normalized.source().running() ? "running statistics" : "batch statistics";
        }
        return mistakes.stream().map(this::sentence).collect(Collectors.joining("; "));
    }

    private String sentence(Mistake mistake) {
        return switch (mistake) {
            case EPSILON_OTHER -> mistake.sentence() + ": " + DecimalText.of(normalized.epsilon());
            case WRONG_AXES ->
                    mistake.sentence()
                            + ", those of "
                            + normalized.source().detail()
                            + " (axes "
                            + normalized.source().grouping().reduced()
                            + " are reduced)";
            default -> mistake.sentence();
        };
    }

    @Override
    public void predict(int target, int index, Point into) {
        Grouping grouping = normalized.source().grouping();
        int group = grouping.groupOf(index);
        int channel =
                parameters.grouping() == grouping ? group : parameters.grouping().groupOf(index);
        predict(
                input.at(index),
                normalized.center(group),
                1 / normalized.divisor(group),
                affine.factor(parameters, channel),
                affine.addend(parameters, channel),
                into);
    }

    private void predict(
            double x, double center, double inverse, double factor, double addend, Point into) {
        double scaled = factor * ((x - center) * inverse + ofQuotient);
        double size = Math.abs(factor) * (Math.abs(x) + Math.abs(center)) * inverse;
        into.set(scaled + addend, size + Math.abs(scaled) + Math.abs(addend));
    }

    @Override
    public void prepare() {
        normalized.source().statistics().complete();
        coefficients = Coefficients.of(normalized, affine, parameters);
    }

    @Override
    public void predict(int target, int from, int count, Points into) {
        Coefficients of = Objects.requireNonNull(coefficients);
        int[] groups = normalized.source().grouping().ids();
        int[] channels = parameters.grouping().ids();
        Point point = new Point();
        for (int k = 0; k < count; k++) {
            int group = groups[from + k];
            int channel = channels[from + k];
            predict(
                    input.at(from + k),
                    of.centers[group],
                    of.inverses[group],
                    of.factors[channel],
                    of.addends[channel],
                    point);
            into.values[k] = point.value;
            into.sizes[k] = point.size;
        }
    }

    /// The coefficients of the groups, and those of the channels.
    private record Coefficients(
            double[] centers, double[] inverses, double[] factors, double[] addends) {

        static Coefficients of(Normalized normalized, Affine affine, Parameters parameters) {
            int groups = normalized.source().grouping().groups();
            int channels = parameters.grouping().groups();
            return new Coefficients(
                    table(groups, normalized::center),
                    table(groups, group -> 1 / normalized.divisor(group)),
                    table(channels, channel -> affine.factor(parameters, channel)),
                    table(channels, channel -> affine.addend(parameters, channel)));
        }

        private static double[] table(int length, IntToDoubleFunction entry) {
            double[] table = new double[length];
            Arrays.setAll(table, entry);
            return table;
        }
    }

    @Override
    public int terms() {
        return normalized.source().running() ? 1 : normalized.source().grouping().count();
    }

    @Override
    public boolean isEstimated() {
        return estimated;
    }

    @Override
    public @Nullable Double epsilon() {
        return normalized.divisor().lacksEpsilon() ? null : (Double) normalized.epsilon();
    }

    @Override
    public @Nullable List<Integer> axes() {
        return normalized.source().wrongAxes();
    }
}
