package batchnorm.diagnosis;

import batchnorm.diagnosis.UpdateHypothesis.Before;
import batchnorm.diagnosis.UpdateHypothesis.MeanForm;
import batchnorm.diagnosis.UpdateHypothesis.VarianceForm;
import batchnorm.diagnosis.UpdateHypothesis.Weight;
import batchnorm.normalization.Config;
import batchnorm.normalization.Convention;
import batchnorm.normalization.ForwardPass.Mode;
import batchnorm.normalization.Knob;
import batchnorm.normalization.Knob.RunningVariance;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.EnumSet;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/// The hypotheses about the running statistics after a step.
final class RunningUpdate implements Search.Enumerated {
    private static final double HALF = 0.5;

    /// The rounding of `1 - momentum`: 1 - 0.9 is not 0.1.
    private static final double SAME_ALPHA = 1e-15;

    private final Evidence evidence;
    private final Expectation expectation;
    private final Set<Convention> tracking;
    private final List<Target> targets = new ArrayList<>();
    private final List<Source> sources = new ArrayList<>();
    private final int channels;
    private final boolean frozen;
    private final boolean hasMean;
    private final boolean hasVariance;
    private final double epsilon;

    RunningUpdate(Evidence evidence, Expectation expectation, Forward forward) {
        this.evidence = evidence;
        this.expectation = expectation;
        Convention named = evidence.convention();
        boolean untracked = named != null && !named.config().trackRunningStats();
        frozen = evidence.mode() == Mode.INFER || untracked;
        tracking =
                untracked ? EnumSet.allOf(Convention.class) : EnumSet.copyOf(tracking(expectation));
        hasMean = evidence.runningMeanAfter() != null;
        hasVariance = evidence.runningVarAfter() != null;
        if (evidence.runningMeanAfter() != null) {
            targets.add(Target.of("running_mean_after", evidence.runningMeanAfter()));
        }
        if (evidence.runningVarAfter() != null) {
            targets.add(Target.of("running_var_after", evidence.runningVarAfter()));
        }
        channels = targets.getFirst().size();
        Double given = evidence.epsilon();
        epsilon =
                given == null
                        ? expectation.choices().getFirst().epsilons().keySet().iterator().next()
                        : given;
        addSources(forward);
    }

    private static Set<Convention> tracking(Expectation expectation) {
        Set<Convention> tracking = expectation.tracking();
        return tracking.isEmpty() ? EnumSet.allOf(Convention.class) : tracking;
    }

    private void addSources(Forward forward) {
        for (Grouping grouping : expectation.groupings()) {
            sources.add(Source.batch(forward.moments(grouping), null, "the batch's statistics"));
        }
        for (Grouping other : Grouping.others(evidence.input().shape(), expectation.groupings())) {
            if (other.groups() == channels || other.groups() == 1) {
                sources.add(Source.batch(forward.moments(other), Mistake.WRONG_AXES, other.name()));
            }
        }
    }

    Selection diagnose() {
        return new Search(Aspect.RUNNING_UPDATE, targets).among(this);
    }

    @Override
    public List<Hypothesis> all() {
        List<Hypothesis> all = new ArrayList<>();
        weights().forEach(weight -> add(all, weight));
        return all;
    }

    /// Returns the weights that the momentum, or the conventions' own, give the batch.
    private List<Weight> weights() {
        Map<Double, Set<Convention>> right = new TreeMap<>();
        for (Convention convention : tracking) {
            double alpha = alpha(convention.config());
            double known =
                    right.keySet().stream()
                            .filter(each -> Math.abs(each - alpha) <= SAME_ALPHA)
                            .findFirst()
                            .orElse(alpha);
            right.computeIfAbsent(known, _ -> EnumSet.noneOf(Convention.class)).add(convention);
        }
        List<Weight> weights = new ArrayList<>();
        right.forEach((alpha, conventions) -> {
            weights.add(new Weight(alpha, null, conventions, !isUsual(alpha)));
        });
        right.forEach((alpha, conventions) -> {
            double other = 1 - alpha;
            boolean usual = isUsual(alpha) && alpha != 1;
            if (usual && other != alpha) {
                weights.add(new Weight(other, Mistake.MOMENTUM_REVERSED, conventions, false));
            }
            if (usual) {
                weights.add(
                        new Weight(1 - other * other, Mistake.UPDATED_TWICE, conventions, false));
            }
        });
        return weights;
    }

    /// Returns whether a batch may have this weight. It has 1 where the first batch replaces the
    /// initial statistics; any other large weight is probably that of the running value.
    private boolean isUsual(double alpha) {
        return alpha <= HALF || alpha == 1 || evidence.convention() != null;
    }

    private double alpha(Config config) {
        Double momentum = evidence.momentum();
        return (momentum == null ? config : config.with(Knob.MOMENTUM, momentum)).alpha(1);
    }

    private void add(List<Hypothesis> all, Weight weight) {
        for (Source source : sources) {
            before().forEach((before, ofStart) -> {
                for (MeanForm mean : MeanForm.values()) {
                    for (VarianceForm variance : VarianceForm.values()) {
                        addForms(all, weight, source, before, ofStart, mean, variance);
                    }
                }
            });
        }
    }

    private void addForms(
            List<Hypothesis> all,
            Weight weight,
            Source source,
            Before before,
            Set<Convention> ofStart,
            MeanForm mean,
            VarianceForm variance) {
        if ((!hasMean && mean != MeanForm.UPDATED)
                || (!hasVariance && variance != VarianceForm.BIASED)) {
            return;
        }
        boolean fromZero =
                mean.mistake() == Mistake.ZERO_START || variance.mistake() == Mistake.ZERO_START;
        // With the weight 1, the previous value does not matter.
        if (fromZero
                && (weight.alpha() == 1
                        || evidence.runningVarBefore() == null
                        || before.isZero())) {
            return;
        }
        Set<Mistake> mistakes = new LinkedHashSet<>();
        Set<Convention> conventions = EnumSet.copyOf(weight.conventions());
        if (frozen) {
            boolean unchanged =
                    (!hasMean || mean == MeanForm.UNCHANGED)
                            && (!hasVariance || variance == VarianceForm.UNCHANGED);
            if (!unchanged) {
                mistakes.add(Mistake.UPDATED_IN_INFERENCE);
            }
        } else {
            addAll(mistakes, weight.mistake(), mean.mistake(), variance.mistake());
            addOfConventions(mistakes, conventions, ofStart, variance);
        }
        addAll(mistakes, source.mistake(), null, null);
        if (mistakes.size() <= 2) {
            all.add(
                    new UpdateHypothesis(
                            source,
                            before,
                            weight,
                            mean,
                            variance,
                            epsilon,
                            hasMean,
                            mistakes,
                            conventions));
        }
    }

    private static void addAll(
            Set<Mistake> mistakes,
            @Nullable Mistake first,
            @Nullable Mistake second,
            @Nullable Mistake third) {
        for (Mistake mistake : Arrays.asList(first, second, third)) {
            if (mistake != null) {
                mistakes.add(mistake);
            }
        }
    }

    /// Keeps the conventions that average this kind of variance from this start.
    private void addOfConventions(
            Set<Mistake> mistakes,
            Set<Convention> conventions,
            Set<Convention> ofStart,
            VarianceForm form) {
        RunningVariance kind =
                switch (form) {
                    case BIASED -> RunningVariance.BIASED;
                    case UNBIASED -> RunningVariance.UNBIASED;
                    default -> null;
                };
        if (hasVariance && kind != null) {
            conventions.removeIf(each -> each.config().runningVariance() != kind);
            if (conventions.isEmpty()) {
                mistakes.add(
                        kind == RunningVariance.BIASED
                                ? Mistake.BIASED_VARIANCE
                                : Mistake.UNBIASED_VARIANCE);
                return;
            }
        }
        conventions.retainAll(ofStart);
        if (conventions.isEmpty() && hasVariance) {
            mistakes.add(Mistake.ZERO_START);
        }
    }

    /// Returns the running statistics before the step, each with the conventions that start so.
    private Map<Before, Set<Convention>> before() {
        double[] mean =
                evidence.runningMeanBefore() == null
                        ? new double[channels]
                        : evidence.runningMeanBefore();
        Map<Before, Set<Convention>> all = new LinkedHashMap<>();
        if (evidence.runningVarBefore() != null) {
            all.put(new Before(mean, evidence.runningVarBefore()), tracking);
            return all;
        }
        for (double initial : new double[] {1, 0}) {
            double[] variance = new double[channels];
            Arrays.fill(variance, initial);
            Set<Convention> those = EnumSet.copyOf(tracking);
            those.removeIf(convention -> convention.initialVariance() != initial);
            all.put(new Before(mean, variance), those);
        }
        return all;
    }

    /// Returns hypotheses with the weight that the running mean shows, or else the variance. A
    /// given momentum leaves it open only for a debiased average, whose weight depends on the
    /// batches before.
    @Override
    public List<Hypothesis> estimated(Precision precision) {
        List<Hypothesis> all = new ArrayList<>();
        Set<Convention> free = EnumSet.copyOf(tracking);
        if (evidence.momentum() != null) {
            free.removeIf(convention -> !convention.config().momentum().zeroDebias());
        }
        if (free.isEmpty()) {
            return all;
        }
        Set<Double> alphas = new LinkedHashSet<>();
        for (Source source : sources) {
            if (source.mistake() == null) {
                source.statistics().complete();
                before().keySet().forEach(before -> addAlphas(alphas, source, before, precision));
            }
        }
        alphas.forEach(alpha -> add(all, new Weight(alpha, null, free, true)));
        all.removeIf(each -> each.mistakes().size() > 1);
        return all;
    }

    private void addAlphas(Set<Double> alphas, Source source, Before before, Precision precision) {
        WeightEstimate estimate = new WeightEstimate(precision, source.grouping().count());
        double[] mean = evidence.runningMeanAfter();
        double[] variance = evidence.runningVarAfter();
        if (mean != null) {
            for (int c = 0; c < channels; c++) {
                double ofBatch = source.statistics().mean(c);
                double deviation = Math.sqrt(source.statistics().variance(c));
                estimate.add(before.mean()[c], ofBatch, mean[c], deviation);
            }
        }
        Double alpha = estimate.alpha();
        if (alpha != null) {
            alphas.add(alpha);
            return;
        }
        int count = source.grouping().count();
        for (double factor : new double[] {1, count / (count - 1.0)}) {
            WeightEstimate ofVariance = new WeightEstimate(precision, count);
            for (int c = 0; variance != null && c < channels; c++) {
                double ofBatch = source.statistics().variance(c) * factor;
                double spread = Math.abs(source.statistics().mean(c)) * Math.sqrt(ofBatch);
                ofVariance.add(before.variance()[c], ofBatch, variance[c], spread);
            }
            Double other = ofVariance.alpha();
            if (other != null) {
                alphas.add(other);
            }
        }
    }
}
