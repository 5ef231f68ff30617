package batchnorm.diagnosis;

import batchnorm.diagnosis.Finding.Place;
import batchnorm.normalization.Convention;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.EnumSet;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/// The hypotheses that explain one aspect equally well, the simplest of them first.
final class Selection {
    private static final String OF_CONVENTIONS =
            "the epsilon and the momentum of the implementation, and its running statistics before "
                    + "and after a step";

    private final Aspect aspect;
    private final List<Target> targets;
    private final List<Fit> equal;
    private final List<Fit> winners;
    private final @Nullable Hypothesis right;
    private final boolean explained;

    Selection(Aspect aspect, List<Target> targets, List<Fit> equal, @Nullable Hypothesis right) {
        this(aspect, targets, equal, right, true);
    }

    private Selection(
            Aspect aspect,
            List<Target> targets,
            List<Fit> equal,
            @Nullable Hypothesis right,
            boolean explained) {
        this.aspect = aspect;
        this.targets = targets;
        this.equal = equal;
        this.right = right;
        this.explained = explained;
        int least = equal.stream().mapToInt(Selection::cost).min().orElseThrow();
        Map<List<Mistake>, Fit> distinct = new LinkedHashMap<>();
        equal.stream()
                .filter(fit -> cost(fit) == least)
                .sorted(Comparator.comparingInt(Selection::rank))
                .forEach(fit -> distinct.putIfAbsent(fit.hypothesis().mistakes(), fit));
        winners = List.copyOf(distinct.values());
    }

    static Selection unexplained(
            Aspect aspect, List<Target> targets, Fit nearest, @Nullable Hypothesis right) {
        return new Selection(aspect, targets, List.of(nearest), right, false);
    }

    /// Returns the complexity of an explanation. A parameter that was estimated counts less than a
    /// mistake, but more than none.
    private static int cost(Fit fit) {
        int mistakes = fit.hypothesis().mistakes().size();
        if (!fit.hypothesis().isEstimated()) {
            return 2 * mistakes;
        }
        return mistakes == 0 ? 3 : 2 * mistakes + 1;
    }

    private static int rank(Fit fit) {
        return fit.hypothesis().mistakes().stream().mapToInt(Mistake::ordinal).sum();
    }

    Aspect aspect() {
        return aspect;
    }

    boolean isRight() {
        return explained && winners.getFirst().hypothesis().mistakes().isEmpty();
    }

    /// Returns the simplest hypothesis that fits; null if none does.
    @Nullable Hypothesis best() {
        return explained ? winners.getFirst().hypothesis() : null;
    }

    /// Returns the conventions that give these numbers.
    Set<Convention> conventions() {
        Set<Convention> conventions = EnumSet.noneOf(Convention.class);
        for (Fit fit : equal) {
            if (cost(fit) == cost(winners.getFirst())) {
                conventions.addAll(fit.hypothesis().conventions());
            }
        }
        return conventions;
    }

    private Set<Convention> conventions(Set<Convention> common) {
        Set<Convention> both = conventions();
        both.retainAll(common);
        return both.isEmpty() ? conventions() : both;
    }

    /// Returns the names of conventions and mistakes that give these numbers.
    Set<String> names(Set<Convention> common) {
        Set<String> names = new LinkedHashSet<>();
        if (!explained) {
            return names;
        }
        if (!isRight()) {
            for (Fit winner : winners) {
                winner.hypothesis().mistakes().forEach(mistake -> names.add(mistake.word()));
            }
        }
        Set<String> own = Set.copyOf(names);
        conventions(common).forEach(convention -> names.add(convention.word()));
        for (Fit fit : equal) {
            if (fit.hypothesis().mistakes().size() == 1) {
                names.add(fit.hypothesis().mistakes().getFirst().word());
            } else if (fit.hypothesis().mistakes().isEmpty() && !isRight()) {
                fit.hypothesis().conventions().forEach(each -> names.add(each.word()));
            }
        }
        return winners.size() == 1 && names.equals(own) ? Set.of() : names;
    }

    /// Returns the data that would tell these names apart.
    String contrast() {
        String ofMistakes =
                equal.stream()
                        .flatMap(fit -> fit.hypothesis().mistakes().stream())
                        .distinct()
                        .limit(3)
                        .map(Mistake::contrast)
                        .distinct()
                        .collect(Collectors.joining("; "));
        return ofMistakes.isEmpty() ? OF_CONVENTIONS : ofMistakes;
    }

    /// Returns the findings, the simplest first.
    List<Finding> findings(Set<Convention> common) {
        List<Finding> findings = new ArrayList<>();
        for (Fit winner : winners) {
            List<Mistake> mistakes = winner.hypothesis().mistakes();
            if (!explained) {
                findings.add(finding(winner, Mistake.UNKNOWN, common));
            } else if (mistakes.isEmpty()) {
                findings.add(finding(winner, null, common));
            } else {
                Set<Mistake> distinct = new LinkedHashSet<>(mistakes);
                distinct.forEach(mistake -> findings.add(finding(winner, mistake, common)));
            }
        }
        return findings;
    }

    private Finding finding(Fit fit, @Nullable Mistake mistake, Set<Convention> common) {
        Hypothesis hypothesis = fit.hypothesis();
        Convention convention =
                mistake == null ? conventions(common).stream().findFirst().orElse(null) : null;
        return new Finding(
                aspect,
                what(fit, mistake, convention),
                convention,
                mistake,
                explained,
                fit.precision().name(),
                fit.maxError(),
                fit.ulps(),
                mistake == null ? "nothing to change" : mistake.remedy(),
                hypothesis.formula(),
                right == null ? hypothesis.formula() : right.formula(),
                hypothesis.epsilon(),
                hypothesis.axes(),
                hypothesis.alpha(),
                worst(fit));
    }

    private String what(Fit fit, @Nullable Mistake mistake, @Nullable Convention convention) {
        String subject = "The " + aspect.title();
        String within = ", within the rounding of " + fit.precision().name();
        if (!explained) {
            return subject
                    + " is not explained: "
                    + Mistake.UNKNOWN.sentence()
                    + ". The nearest formula is "
                    + fit.hypothesis().formula()
                    + ".";
        }
        if (mistake == null) {
            String as = convention == null ? "" : " as in " + convention.word();
            return subject
                    + " is right"
                    + as
                    + " ("
                    + fit.hypothesis().detail()
                    + ")"
                    + within
                    + ".";
        }
        return subject + " has a mistake: " + fit.hypothesis().detail() + within + ".";
    }

    /// Returns the element that differs most from the right formula.
    private @Nullable Place worst(Fit winner) {
        if (right == null) {
            return null;
        }
        Farthest.Element farthest =
                winner.hypothesis().equals(right)
                        ? new Farthest.Element(winner.target(), winner.index())
                        : Farthest.of(right, targets);
        Target target = targets.get(farthest.target());
        Point point = new Point();
        right.predict(farthest.target(), farthest.index(), point);
        List<Integer> index =
                Arrays.stream(target.values().shape().coordinates(farthest.index()))
                        .boxed()
                        .toList();
        return Double.isFinite(point.value)
                ? new Place(
                        target.field(), index, target.values().at(farthest.index()), point.value)
                : null;
    }
}
