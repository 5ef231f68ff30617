package batchnorm.web;

import static batchnorm.codec.Signature.bool;
import static batchnorm.codec.Signature.integer;
import static batchnorm.codec.Signature.number;
import static batchnorm.codec.Signature.text;

import batchnorm.codec.Signature;
import batchnorm.codec.Signature.Field;
import batchnorm.normalization.Convention;
import batchnorm.normalization.Knob;
import batchnorm.tensor.Shape;
import batchnorm.web.api.Knobs;
import java.util.Arrays;
import java.util.List;
import java.util.Set;
import java.util.stream.Stream;

/// The knobs of a layer as fields, in the order of [batchnorm.normalization.Config#knobs].
final class KnobFields {
    private KnobFields() {}

    private static final List<Field> ALL =
            List.of(
                    text("convention")
                            .oneOf(
                                    Arrays.stream(Convention.values())
                                            .map(Convention::word)
                                            .toList()),
                    number("epsilon").from(0),
                    number("momentum").from(0).upTo(1).orNull(),
                    choice("momentum_meaning", Knob.MomentumMeaning.class),
                    number("alpha").orNull(),
                    choice("running_variance", Knob.RunningVariance.class),
                    number("initial_running_var"),
                    choice("scope", Knob.Scope.class),
                    integer("channel_axis").from(-Shape.MAX_RANK).upTo(Shape.MAX_RANK),
                    bool("scale"),
                    bool("shift"),
                    bool("track_running_stats"),
                    choice("single_value", Knob.SingleValuePolicy.class),
                    choice("non_finite", Knob.NonFinitePolicy.class),
                    bool("freeze_statistics"),
                    bool("freeze_parameters"),
                    number("statistics_blend").from(0).upTo(1),
                    integer("virtual_batch_size").from(1).orNull(),
                    number("r_max").from(1).orNull(),
                    number("d_max").from(0).orNull());

    /// Values that follow from other knobs.
    private static final Set<String> DERIVED = Set.of("alpha", "initial_running_var");

    /// Knobs that decide what a layer consists of.
    private static final Set<String> FIXED =
            Set.of("convention", "scope", "scale", "shift", "track_running_stats");

    private static final Set<String> IMPORTABLE = Set.of("convention", "epsilon", "momentum");

    /// All knobs, as an answer has them.
    static final Signature CONFIG = Signature.response("Config", ALL.toArray(Field[]::new));

    private static Field choice(String name, Class<? extends Enum<?>> type) {
        return text(name).oneOf(Arrays.stream(type.getEnumConstants()).map(Knob::word).toList());
    }

    /// The knobs that a request takes.
    static List<Field> of(Knobs.Set set) {
        Stream<Field> settable = ALL.stream().filter(field -> !DERIVED.contains(field.name()));
        return switch (set) {
            case CREATABLE -> settable.toList();
            case PATCHABLE -> settable.filter(field -> !FIXED.contains(field.name())).toList();
            case IMPORTABLE -> settable.filter(field -> IMPORTABLE.contains(field.name())).toList();
        };
    }
}
