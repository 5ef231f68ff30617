package batchnorm.diagnosis;

import batchnorm.normalization.Convention;
import batchnorm.normalization.Knob.ReductionScope;
import batchnorm.normalization.ShapeMismatch;
import batchnorm.tensor.ChannelLayout;
import batchnorm.tensor.Shape;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.TreeMap;

/// What a right implementation may do with the evidence: the conventions, and the channels of each.
///
/// @param choices the distinct divisions into channels
record Expectation(List<Choice> choices, Set<Convention> conventions) {

    /// @param conventions those with these channels
    record Choice(Grouping grouping, Set<Convention> conventions) {

        /// Returns the epsilons of these conventions.
        Map<Double, Set<Convention>> epsilons() {
            Map<Double, Set<Convention>> epsilons = new TreeMap<>();
            for (Convention convention : conventions) {
                epsilons.computeIfAbsent(
                                convention.config().epsilon(),
                                _ -> EnumSet.noneOf(Convention.class))
                        .add(convention);
            }
            return epsilons;
        }
    }

    /// @throws ShapeMismatch when a vector's length is no number of channels
    static Expectation of(Evidence evidence) {
        Set<Convention> conventions =
                evidence.convention() == null
                        ? EnumSet.allOf(Convention.class)
                        : EnumSet.of(evidence.convention());
        Shape shape = evidence.input().shape();
        Map<ChannelLayout, Set<Convention>> layouts = new LinkedHashMap<>();
        for (Convention convention : conventions) {
            add(layouts, convention.config().layout(shape), convention);
        }
        String vector = evidence.vectors().keySet().stream().findFirst().orElse(null);
        if (vector != null) {
            layouts = withLength(layouts, conventions, evidence, vector);
        }
        List<Choice> choices = new ArrayList<>();
        layouts.forEach(
                (layout, those) -> choices.add(new Choice(Grouping.of(layout, shape), those)));
        return new Expectation(choices, conventions);
    }

    private static Map<ChannelLayout, Set<Convention>> withLength(
            Map<ChannelLayout, Set<Convention>> layouts,
            Set<Convention> conventions,
            Evidence evidence,
            String first) {
        Map<String, double[]> vectors = evidence.vectors();
        int length = Objects.requireNonNull(vectors.get(first)).length;
        vectors.forEach((name, values) -> {
            if (values.length != length) {
                throw new ShapeMismatch(
                        name,
                        "%s has %d numbers, but %s has %d; each needs one per channel"
                                .formatted(name, values.length, first, length));
            }
        });
        Shape shape = evidence.input().shape();
        Map<ChannelLayout, Set<Convention>> fitting = new LinkedHashMap<>();
        layouts.forEach((layout, those) -> {
            if (layout.channels() == length) {
                fitting.put(layout, those);
            }
        });
        if (fitting.isEmpty()) {
            addOtherAxes(fitting, shape, length, conventions);
        }
        if (fitting.isEmpty()) {
            throw new ShapeMismatch(
                    first,
                    "%s has %d numbers, but no axis of input, whose shape is %s, has %d channels"
                            .formatted(first, length, shape, length));
        }
        return fitting;
    }

    /// Adds channel axes that are no default, because `channel_axis` is a knob.
    private static void addOtherAxes(
            Map<ChannelLayout, Set<Convention>> layouts,
            Shape shape,
            int length,
            Set<Convention> conventions) {
        for (int axis = 1; axis < shape.rank(); axis++) {
            if (shape.dimension(axis) == length) {
                for (Convention convention : conventions) {
                    if (convention.config().channels().scope() == ReductionScope.SPATIAL) {
                        add(layouts, ChannelLayout.spatial(shape, axis), convention);
                    }
                }
            }
        }
    }

    private static void add(
            Map<ChannelLayout, Set<Convention>> layouts,
            ChannelLayout layout,
            Convention convention) {
        layouts.computeIfAbsent(layout, _ -> EnumSet.noneOf(Convention.class)).add(convention);
    }

    List<Grouping> groupings() {
        return choices.stream().map(Choice::grouping).toList();
    }

    /// Returns the conventions with running statistics.
    Set<Convention> tracking() {
        Set<Convention> tracking = EnumSet.noneOf(Convention.class);
        for (Choice choice : choices) {
            tracking.addAll(choice.conventions());
        }
        tracking.removeIf(convention -> !convention.config().trackRunningStats());
        return tracking;
    }
}
