package batchnorm.web.binding;

import static batchnorm.codec.Signature.bool;
import static batchnorm.codec.Signature.integer;
import static batchnorm.codec.Signature.number;
import static batchnorm.codec.Signature.text;

import batchnorm.codec.Signature;
import batchnorm.codec.Signature.Field;
import batchnorm.normalization.Knob;
import batchnorm.tensor.Shape;
import batchnorm.web.api.Knobs;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.List;
import java.util.Set;
import java.util.stream.Stream;

/// The fields of a layer's knobs, with their limits.
final class KnobFields {
    private KnobFields() {}

    /// Knobs that determine the structure of a layer.
    private static final Set<Knob> FIXED =
            EnumSet.of(
                    Knob.CONVENTION, Knob.SCOPE, Knob.SCALE, Knob.SHIFT, Knob.TRACK_RUNNING_STATS);

    private static final Set<Knob> IMPORTABLE =
            EnumSet.of(Knob.CONVENTION, Knob.EPSILON, Knob.MOMENTUM, Knob.CHANNEL_AXIS);

    /// All knobs, for responses.
    static final Signature CONFIG = Signature.response("Config", config());

    private static Field[] config() {
        List<Field> fields = new ArrayList<>(Stream.of(Knob.values()).map(KnobFields::of).toList());
        fields.add(number("alpha").orNull());
        fields.add(number("initial_running_var"));
        return fields.toArray(Field[]::new);
    }

    /// Returns the knobs that a request accepts.
    static List<Field> of(Knobs.Set set) {
        return Stream.of(Knob.values())
                .filter(knob ->
                        switch (set) {
                            case CREATABLE -> true;
                            case PATCHABLE -> !FIXED.contains(knob);
                            case IMPORTABLE -> IMPORTABLE.contains(knob);
                        })
                .map(KnobFields::of)
                .toList();
    }

    private static Field of(Knob knob) {
        String name = knob.field();
        return switch (knob) {
            case EPSILON, EPSILON_FLOOR -> number(name).from(0);
            case MOMENTUM -> number(name).from(0).upTo(1).orNull();
            case CHANNEL_AXIS -> integer(name).from(-Shape.MAX_RANK).upTo(Shape.MAX_RANK);
            case STATISTICS_BLEND -> number(name).from(0).upTo(1);
            case VIRTUAL_BATCH_SIZE -> integer(name).from(1).orNull();
            case R_MAX -> number(name).from(1).orNull();
            case D_MAX -> number(name).from(0).orNull();
            default ->
                    knob.type() == Boolean.class
                            ? bool(name)
                            : text(name).oneOf(EnumWords.of(knob.type()).all());
        };
    }
}
