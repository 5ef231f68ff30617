package batchnorm.web;

import batchnorm.codec.InvalidField;
import batchnorm.codec.Message;
import batchnorm.normalization.Folding.Position;
import batchnorm.normalization.Knob;
import batchnorm.normalization.LinearMap;
import java.util.Arrays;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/// Messages about folding as what they ask for.
final class FoldMessages {
    private FoldMessages() {}

    static LinearMap map(Message request) {
        double[] padding = request.vector("padding");
        return new LinearMap(
                choice(LinearMap.Kind.class, "kind", request.requireText("kind")),
                request.requireTensor("weight"),
                request.tensor("bias"),
                groups(request.integer("groups")),
                padding != null && Arrays.stream(padding).anyMatch(pad -> pad != 0));
    }

    static Position position(Message request) {
        return choice(Position.class, "position", request.requireText("position"));
    }

    private static @Nullable Integer groups(@Nullable Long groups) {
        return groups == null
                ? null
                : (Integer) Math.clamp(groups, Integer.MIN_VALUE, Integer.MAX_VALUE);
    }

    private static <E extends Enum<E>> E choice(Class<E> type, String field, String word) {
        return Arrays.stream(type.getEnumConstants())
                .filter(choice -> Knob.word(choice).equals(word))
                .findFirst()
                .orElseThrow(() ->
                        new InvalidField(
                                field,
                                "\"%s\" must be one of %s"
                                        .formatted(
                                                field,
                                                Arrays.stream(type.getEnumConstants())
                                                        .map(Knob::word)
                                                        .collect(Collectors.joining(", ")))));
    }
}
