package batchnorm.diagnosis;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// The search for the simplest hypotheses that explain the results of an aspect.
final class Search {
    /// The elements that are compared first.
    private static final int FEW = 8;

    /// The hypotheses that remain then.
    private static final int FINALISTS = 4;

    /// The elements that these are compared by.
    private static final int MORE = 32;

    private final Aspect aspect;
    private final List<Target> targets;

    Search(Aspect aspect, List<Target> targets) {
        this.aspect = aspect;
        this.targets = targets;
    }

    /// The hypotheses about an aspect.
    interface Hypotheses {
        /// Returns those with one mistake or none.
        List<Hypothesis> simple();

        /// Returns those with two mistakes.
        List<Hypothesis> pairs();

        /// Returns those with a parameter that is estimated from results of a precision.
        List<Hypothesis> estimated(Precision precision);
    }

    /// Hypotheses that are few enough to be listed together.
    interface Enumerated extends Hypotheses {
        /// Returns those with two mistakes or fewer.
        List<Hypothesis> all();

        @Override
        default List<Hypothesis> simple() {
            return all().stream().filter(each -> each.mistakes().size() <= 1).toList();
        }

        @Override
        default List<Hypothesis> pairs() {
            return all().stream().filter(each -> each.mistakes().size() == 2).toList();
        }
    }

    /// Selects among hypotheses, at the finest precision at which one of them fits. Two mistakes
    /// are considered where one does not fit.
    Selection among(Hypotheses candidates) {
        List<Precision> precisions = Precision.of(targets);
        List<Hypothesis> hypotheses = candidates.simple();
        List<Hypothesis> possible = possible(hypotheses, precisions);
        List<Hypothesis> pairs = List.of();
        for (Precision precision : precisions) {
            List<Fit> fits = fitting(possible, precision);
            if (precision.free() && fits.stream().noneMatch(Search::isRight)) {
                fits.addAll(fitting(candidates.estimated(precision), precision));
            }
            if (fits.isEmpty() && precision.natural()) {
                pairs = pairs.isEmpty() ? possible(candidates.pairs(), precisions) : pairs;
                fits = fitting(pairs, precision);
            }
            if (!fits.isEmpty()) {
                return new Selection(aspect, targets, equal(fits), right(hypotheses, fits));
            }
        }
        Precision precision =
                precisions.stream().filter(Precision::natural).findFirst().orElseThrow();
        return unexplained(hypotheses, precision);
    }

    /// Returns the hypotheses that the first element does not refute at every precision.
    private List<Hypothesis> possible(List<Hypothesis> hypotheses, List<Precision> precisions) {
        return hypotheses.stream()
                .filter(each -> Fit.isPossible(each, precisions, targets))
                .toList();
    }

    private List<Fit> fitting(List<Hypothesis> hypotheses, Precision precision) {
        List<Fit> fits = new ArrayList<>();
        for (Hypothesis hypothesis : hypotheses) {
            Fit fit = Fit.of(hypothesis, precision, targets);
            if (fit != null) {
                fits.add(fit);
            }
        }
        return fits;
    }

    private static boolean isRight(Fit fit) {
        return fit.hypothesis().mistakes().isEmpty();
    }

    /// Returns the fits that are as good as the best. Cancellation explains every small difference,
    /// so it does not count beside another explanation.
    private static List<Fit> equal(List<Fit> all) {
        List<Fit> others =
                all.stream()
                        .filter(fit -> !fit.hypothesis().mistakes().contains(Mistake.CANCELLATION))
                        .toList();
        List<Fit> fits = others.isEmpty() ? all : others;
        double best =
                fits.stream()
                        .filter(fit -> !fit.hypothesis().isEstimated())
                        .mapToDouble(Fit::roundings)
                        .min()
                        .orElse(0);
        return fits.stream()
                .filter(fit ->
                        fit.hypothesis().isEstimated()
                                || fit.roundings()
                                        <= Math.max(Fit.usual(fit.hypothesis().terms()), 4 * best))
                .toList();
    }

    /// Returns the right hypothesis that is compared with a mistake: the one nearest to it.
    private @Nullable Hypothesis right(List<Hypothesis> hypotheses, List<Fit> fits) {
        List<Hypothesis> right =
                hypotheses.stream()
                        .filter(each -> each.mistakes().isEmpty() && !each.isEstimated())
                        .toList();
        if (right.isEmpty()) {
            return fits.isEmpty() ? null : fits.getFirst().hypothesis();
        }
        return nearest(right);
    }

    private Selection unexplained(List<Hypothesis> hypotheses, Precision precision) {
        return Selection.unexplained(
                aspect,
                targets,
                Fit.complete(nearest(hypotheses), precision, targets),
                right(hypotheses, List.of()));
    }

    /// Returns the hypothesis with the smallest distance. A few elements exclude most others.
    private Hypothesis nearest(List<Hypothesis> hypotheses) {
        List<Hypothesis> near = byDistance(hypotheses, FEW).stream().limit(FINALISTS).toList();
        return byDistance(near, MORE).getFirst();
    }

    private List<Hypothesis> byDistance(List<Hypothesis> hypotheses, int sample) {
        if (hypotheses.size() == 1) {
            return hypotheses;
        }
        record Distant(Hypothesis hypothesis, double distance) {}
        return hypotheses.stream()
                .map(each -> new Distant(each, Fit.distance(each, targets, sample)))
                .sorted(Comparator.comparingDouble(Distant::distance))
                .map(Distant::hypothesis)
                .toList();
    }
}
