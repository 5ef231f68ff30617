package batchnorm.diagnosis;

import batchnorm.diagnosis.Expectation.Choice;
import batchnorm.diagnosis.ForwardHypothesis.Affine;
import batchnorm.diagnosis.ForwardHypothesis.Parameters;
import batchnorm.normalization.Convention;
import batchnorm.normalization.ForwardPass.Mode;
import batchnorm.tensor.Tensor;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.EnumSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/// The hypotheses about the output.
final class Forward implements Search.Hypotheses {
    /// The elements that an epsilon is estimated from.
    private static final int SAMPLE = 512;

    /// The square of a mean in deviations beyond which `E[x²] - E[x]²` loses more than its terms'
    /// rounding.
    private static final double CANCELLING = 16;

    private static final List<Double> EPSILONS =
            Arrays.stream(Convention.values())
                    .map(convention -> convention.config().epsilon())
                    .distinct()
                    .toList();

    private final Evidence evidence;
    private final Expectation expectation;
    private final List<Affine> affines;
    private final Map<Grouping, GroupMoments> moments = new LinkedHashMap<>();
    private final List<Source> sources = new ArrayList<>();
    private final List<Hypothesis> simple = new ArrayList<>();

    Forward(Evidence evidence, Expectation expectation) {
        this.evidence = evidence;
        this.expectation = expectation;
        affines = affines(evidence);
        addSources();
    }

    /// @return null without an output
    @Nullable Selection diagnose() {
        if (evidence.output() == null) {
            return null;
        }
        List<Target> targets = List.of(new Target("output", evidence.output()));
        return new Search(Aspect.FORWARD, targets).among(this);
    }

    /// Returns the batch's moments over some groups.
    GroupMoments moments(Grouping grouping) {
        return moments.computeIfAbsent(grouping, g -> new GroupMoments(evidence.input(), g));
    }

    private void addSources() {
        Mode mode = evidence.effectiveMode();
        double[] meanBefore = evidence.runningMeanBefore();
        double[] varBefore = evidence.runningVarBefore();
        double[] meanAfter = evidence.runningMeanAfter();
        double[] varAfter = evidence.runningVarAfter();
        boolean known =
                (meanBefore != null && varBefore != null)
                        || (meanAfter != null && varAfter != null);
        boolean untracked =
                evidence.convention() != null
                        && !evidence.convention().config().trackRunningStats();
        boolean ofBatch = mode != Mode.INFER || !known || untracked;
        for (Choice choice : expectation.choices()) {
            sources.add(
                    Source.batch(
                            moments(choice.grouping()),
                            ofBatch ? null : Mistake.BATCH_STATISTICS,
                            "the batch's statistics"));
        }
        if (mode == Mode.INFER && !known && evidence.convention() == null) {
            for (Choice choice : expectation.choices()) {
                sources.add(
                        Source.batch(
                                moments(choice.grouping()),
                                Mistake.BATCH_STATISTICS,
                                "the batch's statistics"));
            }
        }
        Mistake ofRunning = mode == Mode.TRAIN ? Mistake.INFERENCE_STATISTICS : null;
        for (Choice choice : expectation.choices()) {
            addRunning(choice.grouping(), meanBefore, varBefore, ofRunning);
            addRunning(choice.grouping(), meanAfter, varAfter, ofRunning);
        }
        if (expectation.choices().size() > 1
                && (evidence.gamma() != null || evidence.beta() != null)) {
            for (Grouping swapped : expectation.groupings()) {
                addWrongAxes(swapped);
            }
        }
        Grouping.others(evidence.input().shape(), expectation.groupings())
                .forEach(this::addWrongAxes);
    }

    private void addWrongAxes(Grouping grouping) {
        sources.add(Source.batch(moments(grouping), Mistake.WRONG_AXES, grouping.name()));
    }

    private void addRunning(
            Grouping grouping,
            double @Nullable [] mean,
            double @Nullable [] variance,
            @Nullable Mistake mistake) {
        if (mean != null && variance != null) {
            sources.add(
                    Source.fixed(
                            grouping, mean, variance, true, mistake, "the running statistics"));
        }
    }

    /// Returns the ways to normalize that are right.
    List<ForwardHypothesis> right() {
        return simple().stream()
                .filter(each -> each.mistakes().isEmpty())
                .map(ForwardHypothesis.class::cast)
                .toList();
    }

    @Override
    public List<Hypothesis> simple() {
        if (simple.isEmpty()) {
            addAll(simple, 0, 1);
        }
        return simple;
    }

    @Override
    public List<Hypothesis> pairs() {
        List<Hypothesis> pairs = new ArrayList<>();
        addAll(pairs, 2, 2);
        return pairs;
    }

    private void addAll(List<Hypothesis> all, int least, int most) {
        for (Source source : sources) {
            Map<Double, Set<Convention>> right = epsilons(source);
            for (Parameters parameters : parametersOf(source)) {
                Collector collector = new Collector(all, parameters, least, most);
                for (Spread spread : Spread.values()) {
                    if (spread == Spread.BIASED || !source.running()) {
                        addWith(collector, source, spread, right);
                    }
                }
            }
        }
    }

    /// A list of hypotheses with so many mistakes.
    private record Collector(List<Hypothesis> all, Parameters parameters, int least, int most) {

        boolean takes(int mistakes) {
            return mistakes >= least && mistakes <= most;
        }
    }

    private static int count(@Nullable Mistake mistake) {
        return mistake == null ? 0 : 1;
    }

    private void addWith(
            Collector collector, Source source, Spread spread, Map<Double, Set<Convention>> right) {
        int before = count(source.mistake()) + count(spread.mistake());
        if (before > collector.most()) {
            return;
        }
        for (Divisor divisor : Divisor.values()) {
            right.forEach((epsilon, conventions) ->
                    addAffine(
                            collector,
                            new Normalized(source, spread, divisor, epsilon),
                            null,
                            before + count(divisor.mistake()),
                            conventions));
            if (divisor == Divisor.INSIDE) {
                for (Double other : otherEpsilons(right.keySet())) {
                    addAffine(
                            collector,
                            new Normalized(source, spread, divisor, other),
                            Mistake.EPSILON_OTHER,
                            before + 1,
                            Set.of());
                }
            }
        }
    }

    /// Returns the uses of gamma and beta that differ on this evidence.
    private static List<Affine> affines(Evidence evidence) {
        boolean gamma = evidence.gamma() != null;
        boolean beta = evidence.beta() != null;
        return Arrays.stream(Affine.values())
                .filter(affine ->
                        switch (affine) {
                            case RIGHT -> true;
                            case WITHOUT_GAMMA -> gamma;
                            case WITHOUT_BETA -> beta;
                            case WITHOUT_BOTH, SWAPPED -> gamma && beta;
                        })
                .toList();
    }

    private void addAffine(
            Collector collector,
            Normalized normalized,
            @Nullable Mistake ofEpsilon,
            int before,
            Set<Convention> conventions) {
        for (Affine affine : affines) {
            if (collector.takes(before + affine.mistakes().size())) {
                collector
                        .all()
                        .add(
                                new ForwardHypothesis(
                                        evidence.input(),
                                        normalized,
                                        ofEpsilon,
                                        false,
                                        affine,
                                        collector.parameters(),
                                        conventions));
            }
        }
    }

    /// Returns gamma and beta on the channels of the source, or on each possible axis where the
    /// source has none.
    private List<Parameters> parametersOf(Source source) {
        double[] gamma = evidence.gamma();
        double[] beta = evidence.beta();
        List<Grouping> expected = expectation.groupings();
        if (source.mistake() != Mistake.WRONG_AXES) {
            return List.of(new Parameters(gamma, beta, source.grouping()));
        }
        if (gamma == null && beta == null) {
            return List.of(new Parameters(null, null, expected.getFirst()));
        }
        List<Parameters> all = new ArrayList<>();
        for (Grouping grouping : expected) {
            if (grouping != source.grouping()) {
                all.add(new Parameters(gamma, beta, grouping));
            }
        }
        int length = gamma == null ? Objects.requireNonNull(beta).length : gamma.length;
        if (source.grouping().groups() == length && !expected.contains(source.grouping())) {
            all.add(new Parameters(gamma, beta, source.grouping()));
        }
        return all;
    }

    /// Returns the epsilons that are right with a source, each with its conventions.
    private Map<Double, Set<Convention>> epsilons(Source source) {
        Choice choice =
                expectation.choices().stream()
                        .filter(each -> each.grouping() == source.grouping())
                        .findFirst()
                        .orElse(null);
        Map<Double, Set<Convention>> known = new LinkedHashMap<>();
        for (Choice each : choice == null ? expectation.choices() : List.of(choice)) {
            each.epsilons()
                    .forEach((epsilon, conventions) ->
                            known.computeIfAbsent(epsilon, _ -> EnumSet.noneOf(Convention.class))
                                    .addAll(conventions));
        }
        Double given = evidence.epsilon();
        if (given == null) {
            return known;
        }
        Set<Convention> every = EnumSet.noneOf(Convention.class);
        known.values().forEach(every::addAll);
        return Map.of(given, known.getOrDefault(given, every));
    }

    /// Returns the epsilons of the conventions that are not right here.
    private static List<Double> otherEpsilons(Set<Double> right) {
        return EPSILONS.stream().filter(epsilon -> !right.contains(epsilon)).toList();
    }

    /// Returns hypotheses with an estimated epsilon, or with variances that cancellation explains.
    @Override
    public List<Hypothesis> estimated(Precision precision) {
        Tensor output = Objects.requireNonNull(evidence.output());
        List<Hypothesis> all = new ArrayList<>();
        for (Source source : sources) {
            if (source.mistake() == Mistake.WRONG_AXES) {
                continue;
            }
            double standard = epsilons(source).keySet().iterator().next();
            Parameters parameters = parametersOf(source).getFirst();
            boolean cancels =
                    !source.running()
                            && source.mistake() == null
                            && moments(source.grouping()).largestMeanToDeviation() > CANCELLING;
            Estimate estimate =
                    new Estimate(
                            evidence.input(),
                            new Normalized(source, Spread.BIASED, Divisor.INSIDE, standard),
                            parameters,
                            output,
                            precision,
                            cancels ? Integer.MAX_VALUE : SAMPLE);
            Double epsilon = estimate.epsilon();
            if (epsilon != null) {
                all.add(
                        new ForwardHypothesis(
                                evidence.input(),
                                new Normalized(source, Spread.BIASED, Divisor.INSIDE, epsilon),
                                Mistake.EPSILON_OTHER,
                                true,
                                Affine.RIGHT,
                                parameters,
                                Set.of()));
            }
            if (cancels) {
                addCancelled(all, source, estimate, parameters, precision);
            }
        }
        return all;
    }

    private void addCancelled(
            List<Hypothesis> all,
            Source source,
            Estimate estimate,
            Parameters parameters,
            Precision precision) {
        for (double epsilon : epsilons(source).keySet()) {
            Source cancelled = estimate.cancelled(epsilon, precision);
            if (cancelled != null) {
                all.add(
                        new ForwardHypothesis(
                                evidence.input(),
                                new Normalized(cancelled, Spread.BIASED, Divisor.INSIDE, epsilon),
                                null,
                                true,
                                Affine.RIGHT,
                                parameters,
                                Set.of()));
            }
        }
    }
}
