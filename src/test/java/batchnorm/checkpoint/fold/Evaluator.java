package batchnorm.checkpoint.fold;

import batchnorm.codec.Codec;
import batchnorm.codec.onnx.OnnxGraph;
import batchnorm.codec.onnx.OnnxModel;
import batchnorm.codec.onnx.OnnxNode;
import batchnorm.codec.onnx.OnnxTensor;
import batchnorm.tensor.Shape;
import batchnorm.tensor.Tensor;
import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.function.DoubleBinaryOperator;
import java.util.function.DoubleUnaryOperator;

/// Computes the outputs of small ONNX models in binary64, by the definitions of the operators.
final class Evaluator {
    private static final Codec.Limits LIMITS = new Codec.Limits(1 << 20, 16);

    private final OnnxModel model;
    private final Map<String, Tensor> values = new HashMap<>();

    private Evaluator(OnnxModel model) {
        this.model = model;
    }

    /// Returns the outputs of a model by name.
    static Map<String, Tensor> run(Path file, Map<String, Tensor> inputs) throws IOException {
        try (FileChannel channel = FileChannel.open(file)) {
            Evaluator evaluator = new Evaluator(OnnxModel.read(channel, bytes -> {}));
            return evaluator.run(inputs);
        }
    }

    private Map<String, Tensor> run(Map<String, Tensor> inputs) throws IOException {
        OnnxGraph graph = model.graph();
        for (OnnxTensor tensor : graph.initializers().values()) {
            if (tensor.unreadable() == null) {
                values.put(tensor.name(), model.read(tensor, LIMITS));
            }
        }
        values.putAll(inputs);
        for (OnnxNode node : graph.nodes()) {
            values.put(node.output(0), result(node));
        }
        Map<String, Tensor> outputs = new LinkedHashMap<>();
        graph.outputs().keySet().forEach(name -> outputs.put(name, value(name)));
        return outputs;
    }

    private Tensor value(String name) {
        return Objects.requireNonNull(values.get(name), () -> "no node gives " + name);
    }

    private Tensor result(OnnxNode node) throws IOException {
        return switch (node.operator()) {
            case "Constant" -> model.read(Objects.requireNonNull(node.constant()), LIMITS);
            case "Identity" -> value(node.input(0));
            case "Relu" -> each(value(node.input(0)), x -> Math.max(x, 0));
            case "Exp" -> each(value(node.input(0)), Math::exp);
            case "Add" -> broadcast(node, Double::sum);
            case "Mul" -> broadcast(node, (a, b) -> a * b);
            case "BatchNormalization" -> batchNormalization(node);
            case "Conv" -> convolution(node);
            case "ConvTranspose" -> transposedConvolution(node);
            case "MaxPool" -> maximum(node);
            case "MatMul" -> product(value(node.input(0)), value(node.input(1)), 1);
            case "Gemm" -> gemm(node);
            default -> throw new IllegalArgumentException(node.operator());
        };
    }

    private static Tensor each(Tensor input, DoubleUnaryOperator operator) {
        double[] result = input.toDoubles().clone();
        for (int i = 0; i < result.length; i++) {
            result[i] = operator.applyAsDouble(result[i]);
        }
        return Tensor.of(input.shape(), result);
    }

    private Tensor broadcast(OnnxNode node, DoubleBinaryOperator operator) {
        Tensor a = value(node.input(0));
        Tensor b = value(node.input(1));
        return broadcast(a, b, operator);
    }

    private static Tensor broadcast(Tensor a, Tensor b, DoubleBinaryOperator operator) {
        int rank = Math.max(a.shape().rank(), b.shape().rank());
        int[] dimensions = new int[rank];
        for (int axis = 0; axis < rank; axis++) {
            dimensions[axis] = Math.max(dimension(a, axis, rank), dimension(b, axis, rank));
        }
        Shape shape = Shape.of(dimensions);
        double[] result = new double[shape.elements()];
        for (int i = 0; i < result.length; i++) {
            int[] at = shape.coordinates(i);
            result[i] = operator.applyAsDouble(broadcastAt(a, at), broadcastAt(b, at));
        }
        return Tensor.of(shape, result);
    }

    private static int dimension(Tensor tensor, int axis, int rank) {
        int own = axis - rank + tensor.shape().rank();
        return own < 0 ? 1 : tensor.shape().dimension(own);
    }

    private static double broadcastAt(Tensor tensor, int[] at) {
        int rank = tensor.shape().rank();
        int index = 0;
        for (int axis = 0; axis < rank; axis++) {
            int dimension = tensor.shape().dimension(axis);
            index = index * dimension + (dimension == 1 ? 0 : at[at.length - rank + axis]);
        }
        return tensor.at(index);
    }

    private Tensor batchNormalization(OnnxNode node) {
        Tensor x = value(node.input(0));
        double epsilon = node.number("epsilon", 1e-5);
        double[] result = new double[x.shape().elements()];
        for (int i = 0; i < result.length; i++) {
            int c = x.shape().coordinates(i)[1];
            double deviation = Math.sqrt(value(node.input(4)).at(c) + epsilon);
            double normalized = (x.at(i) - value(node.input(3)).at(c)) / deviation;
            result[i] = normalized * value(node.input(1)).at(c) + value(node.input(2)).at(c);
        }
        return Tensor.of(x.shape(), result);
    }

    private Tensor gemm(OnnxNode node) {
        Tensor a = value(node.input(0));
        Tensor b = value(node.input(1));
        Tensor product =
                product(
                        node.integer("transA", 0) == 0 ? a : transposed(a),
                        node.integer("transB", 0) == 0 ? b : transposed(b),
                        node.number("alpha", 1));
        double beta = node.number("beta", 1);
        return node.input(2).isEmpty()
                ? product
                : broadcast(product, value(node.input(2)), (y, c) -> y + beta * c);
    }

    private static Tensor transposed(Tensor matrix) {
        int rows = matrix.shape().dimension(0);
        int columns = matrix.shape().dimension(1);
        double[] result = new double[rows * columns];
        for (int i = 0; i < result.length; i++) {
            result[i % columns * rows + i / columns] = matrix.at(i);
        }
        return Tensor.of(Shape.of(columns, rows), result);
    }

    /// Multiplies matrices along the last two axes of the first.
    private static Tensor product(Tensor a, Tensor b, double factor) {
        int[] shape = a.shape().toArray();
        int inner = shape[shape.length - 1];
        int columns = b.shape().dimension(1);
        int rows = a.shape().elements() / inner;
        double[] result = new double[rows * columns];
        for (int row = 0; row < rows; row++) {
            for (int column = 0; column < columns; column++) {
                double sum = 0;
                for (int k = 0; k < inner; k++) {
                    sum += a.at(row * inner + k) * b.at(k * columns + column);
                }
                result[row * columns + column] = factor * sum;
            }
        }
        shape[shape.length - 1] = columns;
        return Tensor.of(Shape.of(shape), result);
    }

    /// A window over the spatial axes.
    private record Window(int[] kernel, int[] strides, int[] dilations, int[] pads) {

        static Window of(OnnxNode node, int[] kernel) {
            int axes = kernel.length;
            return new Window(
                    kernel,
                    integers(node, "strides", axes, 1),
                    integers(node, "dilations", axes, 1),
                    integers(node, "pads", 2 * axes, 0));
        }

        private static int[] integers(OnnxNode node, String name, int count, int otherwise) {
            List<Long> found = node.integers(name);
            int[] all = new int[count];
            for (int i = 0; i < count; i++) {
                all[i] = found.isEmpty() ? otherwise : found.get(i).intValue();
            }
            return all;
        }

        int extent(int axis) {
            return dilations[axis] * (kernel[axis] - 1) + 1;
        }
    }

    private static int[] spatial(Tensor tensor) {
        int[] dimensions = tensor.shape().toArray();
        return Arrays.copyOfRange(dimensions, 2, dimensions.length);
    }

    private static Shape shape(int batch, int channels, int[] spatial) {
        List<Integer> all = new ArrayList<>(List.of(batch, channels));
        for (int each : spatial) {
            all.add(each);
        }
        return Shape.of(all.stream().mapToInt(i -> i).toArray());
    }

    private Tensor convolution(OnnxNode node) {
        Tensor x = value(node.input(0));
        Tensor weight = value(node.input(1));
        Window window = Window.of(node, spatial(weight));
        int groups = (int) node.integer("group", 1);
        int axes = window.kernel().length;
        int[] sizes = new int[axes];
        for (int axis = 0; axis < axes; axis++) {
            int padded = spatial(x)[axis] + window.pads()[axis] + window.pads()[axes + axis];
            sizes[axis] = (padded - window.extent(axis)) / window.strides()[axis] + 1;
        }
        Shape shape = shape(x.shape().dimension(0), weight.shape().dimension(0), sizes);
        double[] result = new double[shape.elements()];
        int columns = weight.shape().dimension(1);
        for (int i = 0; i < result.length; i++) {
            int[] at = shape.coordinates(i);
            double sum = node.input(2).isEmpty() ? 0 : value(node.input(2)).at(at[1]);
            int group = at[1] / (weight.shape().dimension(0) / groups);
            for (int w = 0; w < weight.shape().elements(); w++) {
                int[] tap = weight.shape().coordinates(w);
                if (tap[0] == at[1]) {
                    int[] from = at.clone();
                    from[1] = group * columns + tap[1];
                    for (int axis = 0; axis < axes; axis++) {
                        from[2 + axis] =
                                at[2 + axis] * window.strides()[axis]
                                        + tap[2 + axis] * window.dilations()[axis]
                                        - window.pads()[axis];
                    }
                    sum += weight.at(w) * padded(x, from, 0);
                }
            }
            result[i] = sum;
        }
        return Tensor.of(shape, result);
    }

    private static double padded(Tensor x, int[] at, double outside) {
        int index = 0;
        for (int axis = 0; axis < at.length; axis++) {
            int dimension = x.shape().dimension(axis);
            if (at[axis] < 0 || at[axis] >= dimension) {
                return outside;
            }
            index = index * dimension + at[axis];
        }
        return x.at(index);
    }

    private Tensor transposedConvolution(OnnxNode node) {
        Tensor x = value(node.input(0));
        Tensor weight = value(node.input(1));
        Window window = Window.of(node, spatial(weight));
        int groups = (int) node.integer("group", 1);
        int axes = window.kernel().length;
        int[] sizes = new int[axes];
        for (int axis = 0; axis < axes; axis++) {
            sizes[axis] =
                    (spatial(x)[axis] - 1) * window.strides()[axis]
                            + window.extent(axis)
                            - window.pads()[axis]
                            - window.pads()[axes + axis];
        }
        int perGroup = weight.shape().dimension(1);
        Shape shape = shape(x.shape().dimension(0), perGroup * groups, sizes);
        double[] result = new double[shape.elements()];
        for (int i = 0; i < result.length; i++) {
            int c = shape.coordinates(i)[1];
            result[i] = node.input(2).isEmpty() ? 0 : value(node.input(2)).at(c);
        }
        for (int i = 0; i < x.shape().elements(); i++) {
            int[] from = x.shape().coordinates(i);
            int group = from[1] / (weight.shape().dimension(0) / groups);
            for (int w = 0; w < weight.shape().elements(); w++) {
                int[] tap = weight.shape().coordinates(w);
                if (tap[0] == from[1]) {
                    int[] to = from.clone();
                    to[1] = group * perGroup + tap[1];
                    for (int axis = 0; axis < axes; axis++) {
                        to[2 + axis] =
                                from[2 + axis] * window.strides()[axis]
                                        + tap[2 + axis] * window.dilations()[axis]
                                        - window.pads()[axis];
                    }
                    add(result, shape, to, x.at(i) * weight.at(w));
                }
            }
        }
        return Tensor.of(shape, result);
    }

    private static void add(double[] result, Shape shape, int[] at, double term) {
        int index = 0;
        for (int axis = 0; axis < at.length; axis++) {
            if (at[axis] < 0 || at[axis] >= shape.dimension(axis)) {
                return;
            }
            index = index * shape.dimension(axis) + at[axis];
        }
        result[index] += term;
    }

    private Tensor maximum(OnnxNode node) {
        Tensor x = value(node.input(0));
        int[] kernel = node.integers("kernel_shape").stream().mapToInt(Long::intValue).toArray();
        Window window = Window.of(node, kernel);
        int axes = kernel.length;
        int[] sizes = new int[axes];
        for (int axis = 0; axis < axes; axis++) {
            sizes[axis] = (spatial(x)[axis] - window.extent(axis)) / window.strides()[axis] + 1;
        }
        Shape shape = shape(x.shape().dimension(0), x.shape().dimension(1), sizes);
        Shape taps = Shape.of(kernel);
        double[] result = new double[shape.elements()];
        for (int i = 0; i < result.length; i++) {
            int[] at = shape.coordinates(i);
            double largest = Double.NEGATIVE_INFINITY;
            for (int w = 0; w < taps.elements(); w++) {
                int[] from = at.clone();
                for (int axis = 0; axis < axes; axis++) {
                    from[2 + axis] =
                            at[2 + axis] * window.strides()[axis] + taps.coordinates(w)[axis];
                }
                largest = Math.max(largest, padded(x, from, largest));
            }
            result[i] = largest;
        }
        return Tensor.of(shape, result);
    }
}
