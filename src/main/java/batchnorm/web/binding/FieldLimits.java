package batchnorm.web.binding;

import batchnorm.codec.InvalidField;
import batchnorm.codec.Message;
import batchnorm.codec.Signature;
import batchnorm.codec.Signature.Field;
import batchnorm.codec.Signature.Kind;
import batchnorm.codec.Signature.Limits;
import batchnorm.tensor.DecimalText;
import jakarta.validation.constraints.DecimalMax;
import jakarta.validation.constraints.Max;
import jakarta.validation.constraints.Min;
import jakarta.validation.constraints.Positive;
import jakarta.validation.constraints.PositiveOrZero;
import jakarta.validation.constraints.Size;
import java.lang.reflect.AnnotatedElement;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/// Derives a field's limits from the Jakarta Validation constraints of its component.
final class FieldLimits {
    private FieldLimits() {}

    /// Returns the field with the declared limits.
    static Field apply(Field plain, AnnotatedElement declared) {
        Field field = plain;
        if (declared.isAnnotationPresent(PositiveOrZero.class)) {
            field = field.from(0);
        }
        if (declared.isAnnotationPresent(Positive.class)) {
            field = field.kind() == Kind.INTEGER ? field.from(1) : field.above(0);
        }
        Min min = declared.getAnnotation(Min.class);
        field = min == null ? field : field.from((double) min.value());
        Max max = declared.getAnnotation(Max.class);
        field = max == null ? field : field.upTo((double) max.value());
        DecimalMax most = declared.getAnnotation(DecimalMax.class);
        if (most != null) {
            double bound = Double.parseDouble(most.value());
            field = most.inclusive() ? field.upTo(bound) : field.below(bound);
        }
        Size size = declared.getAnnotation(Size.class);
        return size == null ? field : field.longest(size.max());
    }

    /// Checks the fields of a query. The constructors of body records check theirs, with more
    /// specific messages.
    ///
    /// @throws InvalidField when a number or a text exceeds its limits
    static void check(Message query, Signature signature) {
        for (Field field : signature.fields()) {
            check(field.name(), field.limits(), query.values().get(field.name()));
        }
    }

    private static void check(String path, Limits limits, @Nullable Object value) {
        switch (value) {
            case Number number when !isWithin(limits, number.doubleValue()) ->
                    throw new InvalidField(
                            path,
                            "\"%s\" is %s; it must be %s"
                                    .formatted(
                                            path,
                                            number instanceof Double real
                                                    ? DecimalText.of(real)
                                                    : number.toString(),
                                            sentence(limits)));
            case String text when isLonger(text, limits.longest()) ->
                    throw new InvalidField(
                            path,
                            "\"%s\" has more than %d characters".formatted(path, limits.longest()));
            case null, default -> {}
        }
    }

    private static boolean isLonger(String text, @Nullable Integer longest) {
        return longest != null && text.codePointCount(0, text.length()) > longest;
    }

    private static boolean isWithin(Limits limits, double value) {
        return (limits.from() == null || value >= limits.from())
                && (limits.above() == null || value > limits.above())
                && (limits.upTo() == null || value <= limits.upTo())
                && (limits.below() == null || value < limits.below());
    }

    private static String sentence(Limits limits) {
        if (limits.from() != null && limits.upTo() != null) {
            return "from " + text(limits.from()) + " to " + text(limits.upTo());
        }
        return Stream.of(
                        limits.from() == null ? "" : text(limits.from()) + " or more",
                        limits.above() == null ? "" : "more than " + text(limits.above()),
                        limits.upTo() == null ? "" : "at most " + text(limits.upTo()),
                        limits.below() == null ? "" : "less than " + text(limits.below()))
                .filter(part -> !part.isEmpty())
                .collect(Collectors.joining(" and "));
    }

    private static String text(double limit) {
        return limit == Math.rint(limit) ? Long.toString((long) limit) : DecimalText.of(limit);
    }
}
