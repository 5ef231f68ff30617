package batchnorm.layer;

import batchnorm.normalization.Parameters;
import batchnorm.normalization.RunningStatistics;
import java.util.List;
import java.util.Objects;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/// The differences between two versions of a layer.
///
/// @param differences one for each vector that both have, in the order of [LayerPatch.Vector]
public record Comparison(Layer from, Layer to, List<Difference> differences) {

    /// @param largest `|to - from|` over the channels; NaN if any difference is NaN
    /// @param channel the channel of the largest difference
    public record Difference(LayerPatch.Vector vector, double largest, int channel) {}

    static Comparison of(Layer from, Layer to) {
        List<Difference> differences =
                Objects.equals(from.features(), to.features())
                        ? Stream.of(LayerPatch.Vector.values())
                                .map(vector -> difference(vector, from, to))
                                .filter(Objects::nonNull)
                                .toList()
                        : List.of();
        return new Comparison(from, to, differences);
    }

    private static @Nullable Difference difference(LayerPatch.Vector vector, Layer from, Layer to) {
        double[] before = values(vector, from);
        double[] after = values(vector, to);
        if (before == null || after == null) {
            return null;
        }
        double largest = 0;
        int channel = 0;
        for (int c = 0; c < before.length; c++) {
            double size = before[c] == after[c] ? 0 : Math.abs(after[c] - before[c]);
            if (size > largest || Double.isNaN(size)) {
                largest = size;
                channel = c;
            }
        }
        return new Difference(vector, largest, channel);
    }

    private static double @Nullable [] values(LayerPatch.Vector vector, Layer layer) {
        Parameters parameters = layer.parameters();
        RunningStatistics running = layer.running();
        return switch (vector) {
            case GAMMA -> parameters == null ? null : parameters.gamma();
            case BETA -> parameters == null ? null : parameters.beta();
            case RUNNING_MEAN -> running == null ? null : running.mean();
            case RUNNING_VAR -> running == null ? null : running.variance();
        };
    }
}
