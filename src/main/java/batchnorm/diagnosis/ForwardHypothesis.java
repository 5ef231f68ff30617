package batchnorm.diagnosis;

import batchnorm.normalization.Convention;
import batchnorm.tensor.DecimalText;
import batchnorm.tensor.Tensor;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
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
    private double @Nullable [] centers;
    private double @Nullable [] inverses;

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
        int group = normalized.source().grouping().groupOf(index);
        double center = centers == null ? normalized.center(group) : centers[group];
        double inverse = inverses == null ? 1 / normalized.divisor(group) : inverses[group];
        int channel =
                parameters.grouping() == normalized.source().grouping()
                        ? group
                        : parameters.grouping().groupOf(index);
        double gamma = parameters.gamma(channel);
        double beta = parameters.beta(channel);
        double factor =
                switch (affine) {
                    case RIGHT, WITHOUT_BETA -> gamma;
                    case WITHOUT_GAMMA, WITHOUT_BOTH -> 1;
                    case SWAPPED -> beta;
                };
        double addend =
                switch (affine) {
                    case RIGHT, WITHOUT_GAMMA -> beta;
                    case WITHOUT_BETA, WITHOUT_BOTH -> 0;
                    case SWAPPED -> gamma;
                };
        double x = input.at(index);
        double xhat = (x - center) * inverse + normalized.divisor().addend(normalized.epsilon());
        double size =
                Math.abs(factor) * (Math.abs(x) + Math.abs(center)) * inverse + Math.abs(addend);
        into.set(factor * xhat + addend, size + Math.abs(factor * xhat));
    }

    @Override
    public void prepare() {
        normalized.source().statistics().complete();
        Grouping grouping = normalized.source().grouping();
        grouping.ids();
        parameters.grouping().ids();
        double[] means = new double[grouping.groups()];
        double[] scales = new double[grouping.groups()];
        for (int g = 0; g < means.length; g++) {
            means[g] = normalized.center(g);
            scales[g] = 1 / normalized.divisor(g);
        }
        centers = means;
        inverses = scales;
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
