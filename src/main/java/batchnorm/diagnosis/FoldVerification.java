package batchnorm.diagnosis;

import batchnorm.normalization.Affine;
import batchnorm.normalization.Config;
import batchnorm.normalization.Convention;
import batchnorm.normalization.Folding;
import batchnorm.normalization.Folding.Folded;
import batchnorm.normalization.Folding.Position;
import batchnorm.normalization.Knob;
import batchnorm.normalization.LinearMap;
import batchnorm.normalization.Parameters;
import batchnorm.normalization.RunningStatistics;
import batchnorm.normalization.ShapeMismatch;
import batchnorm.tensor.Shape;
import batchnorm.tensor.Tensor;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/// Compares folded weights with the right ones, and finds the mistakes that explain a difference.
///
/// @param exact whether every number is right, up to the rounding of the precision
/// @param maxError the largest difference from the right numbers
/// @param mistakes that together give the numbers; [FoldMistake#NONE] alone if they are right
/// @param epsilon the one in the weights, if it is another
/// @param precision of the folded numbers: `FP32`
/// @param worst the number with the largest difference; null if all are right
public record FoldVerification(
        boolean exact,
        double maxError,
        List<FoldMistake> mistakes,
        @Nullable Double epsilon,
        String precision,
        Finding.@Nullable Place worst) {

    /// @param map the old weights
    /// @param weight the folded weights, in the shape of the old ones
    /// @param bias the folded bias
    /// @throws ShapeMismatch when shapes do not fit each other
    /// @throws batchnorm.normalization.InexactFold when no weights compute both
    /// @throws batchnorm.normalization.NonFiniteResult when a running_var + epsilon is not positive
    public static FoldVerification of(
            BatchNorm layer, Position position, LinearMap map, Tensor weight, Tensor bias) {
        LinearMap wide =
                new LinearMap(
                        map.kind(),
                        widened(map.weight()),
                        map.bias() == null ? null : widened(map.bias()),
                        map.groups(),
                        map.padded());
        Folded right = Folding.fold(affine(layer), position, wide);
        requireShape("folded_weight", weight, right.weight().shape());
        requireShape("folded_bias", bias, right.bias().shape());
        FoldPrecision precision = FoldPrecision.of(weight, bias);
        FoldHypotheses hypotheses =
                new FoldHypotheses(layer, position, wide, weight, bias, precision);
        List<Finding.Place> differences = new ArrayList<>();
        differences.add(worst("folded_weight", weight, right.weight()));
        differences.add(worst("folded_bias", bias, right.bias()));
        Finding.Place worst =
                differences.stream()
                        .max(Comparator.comparingDouble(FoldVerification::error))
                        .orElseThrow();
        FoldHypotheses.Explanation found = hypotheses.explain();
        boolean exact = found.mistakes().equals(List.of(FoldMistake.NONE));
        return new FoldVerification(
                exact,
                error(worst),
                found.mistakes(),
                found.epsilon(),
                precision.dataType().name(),
                exact ? null : worst);
    }

    private static Tensor widened(Tensor tensor) {
        return Tensor.of(tensor.shape(), tensor.toDoubles());
    }

    private static Affine affine(BatchNorm layer) {
        Config config = Convention.PYTORCH.config().with(Map.of(Knob.EPSILON, layer.epsilon()));
        return Affine.of(
                new RunningStatistics(layer.mean(), layer.variance(), 0),
                new Parameters(layer.gamma(), layer.beta()),
                config);
    }

    private static void requireShape(String field, Tensor tensor, Shape shape) {
        if (!tensor.shape().equals(shape)) {
            throw new ShapeMismatch(
                    field,
                    "%s has shape %s, but must have %s".formatted(field, tensor.shape(), shape));
        }
    }

    private static double error(Finding.Place place) {
        double error = Math.abs(place.found() - place.expected());
        return Double.isNaN(error) ? Double.POSITIVE_INFINITY : error;
    }

    /// Returns the number with the largest difference.
    private static Finding.Place worst(String field, Tensor found, Tensor expected) {
        int worst = 0;
        double largest = -1;
        for (int i = 0; i < found.shape().elements(); i++) {
            double difference = Math.abs(found.at(i) - expected.at(i));
            if (!(difference <= largest)) {
                worst = i;
                largest = Double.isNaN(difference) ? Double.POSITIVE_INFINITY : difference;
            }
        }
        List<Integer> index = new ArrayList<>();
        for (int coordinate : found.shape().coordinates(worst)) {
            index.add(coordinate);
        }
        return new Finding.Place(field, index, found.at(worst), expected.at(worst));
    }
}
