package batchnorm.web.api;

import batchnorm.layer.Comparison;
import batchnorm.layer.Layer;
import batchnorm.normalization.Knob;
import io.swagger.v3.oas.annotations.media.Schema;
import jakarta.validation.constraints.PositiveOrZero;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/// The differences between two versions of a layer.
@Schema(name = "Comparison")
public record ComparisonAnswer(
        String from, String to, List<VectorDifference> vectors, List<KnobDifference> knobs)
        implements ApiAnswer {

    public record VectorDifference(
            String vector, double maxDifference, @PositiveOrZero long channel) {

        private static VectorDifference of(Comparison.Difference difference) {
            return new VectorDifference(
                    difference.vector().field(), difference.largest(), difference.channel());
        }
    }

    public record KnobDifference(String knob, String from, String to) {}

    public static ComparisonAnswer of(String from, String to, Comparison comparison) {
        return new ComparisonAnswer(
                from,
                to,
                comparison.differences().stream().map(VectorDifference::of).toList(),
                knobs(comparison.from(), comparison.to()));
    }

    private static List<KnobDifference> knobs(Layer from, Layer to) {
        Map<String, @Nullable Object> before = from.config().knobs(1);
        return to.config().knobs(1).entrySet().stream()
                .filter(after -> !Objects.equals(before.get(after.getKey()), after.getValue()))
                .map(after ->
                        new KnobDifference(
                                after.getKey(),
                                Knob.text(before.get(after.getKey())),
                                Knob.text(after.getValue())))
                .toList();
    }
}
