package batchnorm.checkpoint.fold;

import batchnorm.codec.onnx.OnnxEdit;
import batchnorm.codec.onnx.OnnxNode;
import batchnorm.codec.onnx.OnnxTensor;
import batchnorm.normalization.Affine;
import batchnorm.normalization.Folding;
import batchnorm.normalization.Folding.Folded;
import batchnorm.normalization.Folding.Position;
import batchnorm.normalization.InexactFold;
import batchnorm.normalization.LinearMap;
import batchnorm.normalization.NonFiniteResult;
import batchnorm.normalization.ShapeMismatch;
import batchnorm.tensor.DataType;
import batchnorm.tensor.Shape;
import batchnorm.tensor.Tensor;
import java.io.IOException;
import java.util.List;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/// A node with constant weights: Conv, ConvTranspose, Gemm, or MatMul with the Add of its bias.
///
/// The weights become those of a [LinearMap] and back: Gemm without `transB` and MatMul store `[in,
/// out]`. Gemm computes `alpha·A·B + beta·C`. With `y = s·x + t` of the layer, exactly:
///
/// - after: `B' = s·B`, `C' = (s·beta·C + t) / beta`
/// - before: `B' = B·s`, `C' = (beta·C + alpha·Σ B·t) / beta`
final class LinearNode {
    private static final String[] OPERATORS = {"Conv", "ConvTranspose", "Gemm", "MatMul"};

    /// Bytes for each weight while it is folded: in binary64, rounded, and transposed.
    private static final int BYTES_OF_FOLDING = 3 * Double.BYTES;

    private static final int WEIGHT = 1;
    private static final int BIAS = 2;

    /// The first opset whose Gemm and Add broadcast without an attribute.
    private static final int OPSET_WITH_BROADCASTING = 7;

    private final GraphNode node;
    private final FoldGraph graph;
    private final OnnxEdit edit;
    private @Nullable GraphNode addition;

    private LinearNode(GraphNode node, FoldGraph graph, OnnxEdit edit) {
        this.node = node;
        this.graph = graph;
        this.edit = edit;
    }

    /// Returns the node that gives a value, or null if that has no weights.
    static @Nullable LinearNode before(String value, FoldGraph graph, OnnxEdit edit)
            throws Unfoldable {
        GraphNode node = graph.producer(value);
        if (node != null && node.is("Add")) {
            GraphNode product = product(node, graph);
            if (product == null) {
                return null;
            }
            graph.requireOneUse(product.output(), "the product of " + product.label());
            LinearNode linear = new LinearNode(product, graph, edit);
            linear.addition = node;
            return linear;
        }
        return node != null && node.is(OPERATORS) ? new LinearNode(node, graph, edit) : null;
    }

    /// Returns the MatMul of which an Add adds a constant to the value.
    private static @Nullable GraphNode product(GraphNode add, FoldGraph graph) {
        for (int i = 0; i < 2; i++) {
            GraphNode producer = graph.producer(add.input(i));
            if (producer != null && producer.is("MatMul")) {
                return producer;
            }
        }
        return null;
    }

    /// Returns the node that uses a value, or null if that has no weights.
    static @Nullable LinearNode behind(GraphNode user, FoldGraph graph, OnnxEdit edit) {
        if (!user.is(OPERATORS)) {
            return null;
        }
        LinearNode linear = new LinearNode(user, graph, edit);
        GraphNode next = graph.onlyUser(user.output());
        if (user.is("MatMul") && next != null && next.is("Add")) {
            String other = next.input(1 - next.inputs.indexOf(user.output()));
            boolean isBias = graph.isConstant(other) || edit.added(other) != null;
            linear.addition = isBias ? next : null;
        }
        return linear;
    }

    GraphNode node() {
        return node;
    }

    /// Returns the node whose output the layer takes: the MatMul's Add, if there is one.
    GraphNode last() {
        return addition == null ? node : addition;
    }

    boolean isMatrixProduct() {
        return node.is("Gemm", "MatMul");
    }

    /// Folds a layer into the weights and the bias.
    ///
    /// @param layer its node
    /// @throws Unfoldable before anything has changed
    void fold(GraphNode layer, Affine affine, Position position) throws Unfoldable, IOException {
        requireFoldable(layer, position);
        OnnxTensor stored = graph.constant(node.input(WEIGHT), "its weight");
        if (!graph.isPrivate(node.input(WEIGHT))) {
            throw new Unfoldable(
                    "the weight of %s is shared with another node, or an output of the graph"
                            .formatted(node.label()));
        }
        Tensor weight = edit.read(stored);
        requireRank(weight.shape());
        int outputs =
                position == Position.AFTER
                        ? affine.channels()
                        : weight.shape().dimension(isStoredByInput() ? 1 : 0);
        Bias bias = bias(outputs, weight.dataType());
        edit.reserve((long) BYTES_OF_FOLDING * weight.shape().elements());
        Folded folded = folded(affine, position, weight, bias.values());
        node.countFold();
        edit.replace(stored, folded.weight());
        bias.write(folded.bias(), layer, position);
    }

    private void requireFoldable(GraphNode layer, Position position) throws Unfoldable {
        if (isMatrixProduct() && graph.model().opset() < OPSET_WITH_BROADCASTING) {
            throw new Unfoldable(
                    "%s of opset %d broadcasts by attributes; convert the model to opset 7 or later"
                            .formatted(node.operator, graph.model().opset()));
        }
        if (node.is("MatMul") && Ranks.of(layer.input(0), graph) != 2 && rankOfOutput(layer) != 2) {
            throw new Unfoldable(
                    "the file does not state that the input of %s has two dimensions; with more, axis 1 are no columns of a matrix product. onnx.shape_inference.infer_shapes(model) adds shapes"
                            .formatted(layer.label()));
        }
        if (position == Position.BEFORE && node.inputs.indexOf(layer.output()) != 0) {
            throw new Unfoldable("it gives the weight of " + node.label());
        }
        if (position == Position.BEFORE
                && node.is("Gemm")
                && attributes().integer("transA", 0) != 0) {
            throw new Unfoldable(
                    "%s transposes its input: the channels are no columns of it"
                            .formatted(node.label()));
        }
        if (position == Position.BEFORE && node.is("ConvTranspose")) {
            throw new Unfoldable(
                    "%s behind it is a transposed convolution: fewer taps reach the border, so the shift is no constant bias"
                            .formatted(node.label()));
        }
        if (position == Position.BEFORE && isPadded()) {
            throw new Unfoldable(
                    "%s behind it pads with zeros, which the folded weights would normalize"
                            .formatted(node.label()));
        }
    }

    private int rankOfOutput(GraphNode layer) {
        return graph.statedRank(layer.output());
    }

    private OnnxNode attributes() {
        return Objects.requireNonNull(node.source);
    }

    private boolean isPadded() {
        String auto = attributes().text("auto_pad", "NOTSET");
        return auto.startsWith("SAME")
                || (auto.equals("NOTSET")
                        && attributes().integers("pads").stream().anyMatch(pad -> pad != 0));
    }

    private boolean isStoredByInput() {
        return node.is("MatMul") || (node.is("Gemm") && attributes().integer("transB", 0) == 0);
    }

    private LinearMap.Kind kind() {
        if (isMatrixProduct()) {
            return LinearMap.Kind.LINEAR;
        }
        return node.is("Conv") ? LinearMap.Kind.CONV : LinearMap.Kind.CONV_TRANSPOSE;
    }

    private void requireRank(Shape shape) throws Unfoldable {
        boolean fits = isMatrixProduct() ? shape.rank() == 2 : shape.rank() >= 3;
        if (!fits) {
            throw new Unfoldable("the weight of %s has shape %s".formatted(node.label(), shape));
        }
    }

    private double alpha() {
        return node.is("Gemm") ? attributes().number("alpha", 1) : 1;
    }

    /// Returns the factor of the bias; 1 where the bias has none, or where 0 is removed.
    private double beta() {
        double beta = node.is("Gemm") ? attributes().number("beta", 1) : 1;
        return node.droppedAttributes.contains("beta") ? 1 : beta;
    }

    private @Nullable Integer groups() {
        if (isMatrixProduct()) {
            return null;
        }
        return Math.clamp(attributes().integer("group", 1), 0, Integer.MAX_VALUE);
    }

    private Folded folded(Affine affine, Position position, Tensor weight, @Nullable Tensor bias)
            throws Unfoldable {
        Tensor map = isStoredByInput() ? transposed(weight) : weight;
        double alpha = alpha();
        double beta = beta();
        Folded folded;
        try {
            folded =
                    alpha == 1 && beta == 1
                            ? Folding.fold(
                                    affine,
                                    position,
                                    new LinearMap(kind(), map, bias, groups(), false))
                            : scaled(affine, position, map, bias, alpha, beta);
        } catch (ShapeMismatch | NonFiniteResult | InexactFold e) {
            throw new Unfoldable("into %s: %s".formatted(node.label(), e.getMessage()));
        }
        return new Folded(
                isStoredByInput() ? transposed(folded.weight()) : folded.weight(), folded.bias());
    }

    /// Folds into `alpha·A·B + beta·C`, in binary64, and rounds once.
    private Folded scaled(
            Affine affine,
            Position position,
            Tensor map,
            @Nullable Tensor bias,
            double alpha,
            double beta)
            throws Unfoldable {
        int outputs = map.shape().dimension(0);
        double[] product = new double[outputs];
        for (int i = 0; i < outputs && bias != null; i++) {
            product[i] = beta * bias.at(i);
        }
        Tensor wide = Tensor.of(map.shape(), map.toDoubles());
        boolean isAfter = position == Position.AFTER;
        Tensor term = isAfter ? Tensor.of(Shape.of(outputs), product) : null;
        Folded folded =
                Folding.fold(affine, position, new LinearMap(kind(), wide, term, groups(), false));
        double[] sums = folded.bias().toDoubles();
        double[] result = new double[outputs];
        for (int i = 0; i < outputs; i++) {
            double sum = isAfter ? sums[i] : product[i] + alpha * sums[i];
            result[i] = beta == 0 ? sum : sum / beta;
        }
        return new Folded(
                narrowed(folded.weight(), map.dataType()),
                narrowed(Tensor.of(Shape.of(outputs), result), map.dataType()));
    }

    private Tensor narrowed(Tensor wide, DataType dataType) throws Unfoldable {
        if (dataType == DataType.FP64) {
            return wide;
        }
        double[] values = wide.toDoubles();
        float[] narrow = new float[values.length];
        for (int i = 0; i < narrow.length; i++) {
            narrow[i] = dataType.narrow(values[i]);
            if (Float.isInfinite(narrow[i]) && Double.isFinite(values[i])) {
                throw new Unfoldable(
                        "into %s: a number overflows %s".formatted(node.label(), dataType));
            }
        }
        return Tensor.of(wide.shape(), dataType, narrow);
    }

    private static Tensor transposed(Tensor matrix) {
        int rows = matrix.shape().dimension(0);
        int columns = matrix.shape().dimension(1);
        Shape shape = Shape.of(columns, rows);
        return switch (matrix) {
            case Tensor.Doubles doubles -> {
                double[] to = new double[rows * columns];
                for (int i = 0; i < to.length; i++) {
                    to[i % columns * rows + i / columns] = doubles.values()[i];
                }
                yield Tensor.of(shape, to);
            }
            case Tensor.Floats floats -> {
                float[] to = new float[rows * columns];
                for (int i = 0; i < to.length; i++) {
                    to[i % columns * rows + i / columns] = floats.values()[i];
                }
                yield Tensor.of(shape, floats.dataType(), to);
            }
        };
    }

    /// The bias of the node: an input of it, or an operand of the Add behind it.
    ///
    /// @param holder the node with the input; null if there is neither
    /// @param stored null where there is none, or where it was added
    /// @param values one for each output channel; null where there is no bias
    private record Bias(
            LinearNode linear,
            @Nullable GraphNode holder,
            int input,
            @Nullable OnnxTensor stored,
            @Nullable Tensor values) {

        /// Writes the new bias in place where no other node uses it and it has one number for each
        /// channel; otherwise as a new initializer.
        void write(Tensor folded, GraphNode layer, Position position) throws IOException {
            linear.writeBias(this, folded, layer, position);
        }
    }

    private Bias bias(int outputs, DataType dataType) throws Unfoldable, IOException {
        GraphNode holder = node.is("MatMul") ? addition : node;
        if (holder == null) {
            return new Bias(this, null, 0, null, null);
        }
        int input = node.is("MatMul") ? 1 - holder.inputs.indexOf(node.output()) : BIAS;
        String value = holder.input(input);
        Tensor added = edit.added(value);
        if (value.isEmpty() || added != null) {
            return new Bias(this, holder, input, null, added);
        }
        if (node.is("MatMul") && !graph.isConstant(value)) {
            throw new Unfoldable("%s adds no constant".formatted(holder.label()));
        }
        OnnxTensor stored = graph.constant(value, "the bias of " + node.label());
        if (stored.dataType() != dataType) {
            throw new Unfoldable("weight and bias of %s differ in type".formatted(node.label()));
        }
        return new Bias(this, holder, input, stored, expanded(edit.read(stored), outputs));
    }

    /// Returns a bias with one number for each output.
    private Tensor expanded(Tensor bias, int outputs) throws Unfoldable {
        List<Shape> fitting = List.of(Shape.of(outputs), Shape.of(1, outputs));
        List<Shape> single = List.of(Shape.of(), Shape.of(1), Shape.of(1, 1));
        boolean isVector = fitting.contains(bias.shape());
        if (!isVector && !(isMatrixProduct() && single.contains(bias.shape()))) {
            throw new Unfoldable(
                    "the bias of %s has shape %s, and not [%d]"
                            .formatted(node.label(), bias.shape(), outputs));
        }
        if (bias.dataType() == DataType.FP64) {
            double[] values = new double[outputs];
            for (int i = 0; i < outputs; i++) {
                values[i] = bias.at(isVector ? i : 0);
            }
            return Tensor.of(Shape.of(outputs), values);
        }
        float[] values = new float[outputs];
        for (int i = 0; i < outputs; i++) {
            values[i] = (float) bias.at(isVector ? i : 0);
        }
        return Tensor.of(Shape.of(outputs), bias.dataType(), values);
    }

    private void writeBias(Bias bias, Tensor folded, GraphNode layer, Position position)
            throws IOException {
        GraphNode holder = bias.holder();
        OnnxTensor stored = bias.stored();
        String value = holder == null ? "" : holder.input(bias.input());
        if (node.is("Gemm") && attributes().number("beta", 1) == 0) {
            node.droppedAttributes.add("beta");
        }
        if (edit.added(value) != null) {
            edit.put(value, folded);
            return;
        }
        if (stored != null
                && graph.isPrivate(value)
                && elements(stored) == folded.shape().elements()) {
            edit.replace(stored, folded);
            return;
        }
        String name = graph.newName(node.label() + "_folded_bias");
        graph.reserve((long) Double.BYTES * folded.shape().elements());
        edit.put(name, folded);
        if (holder != null) {
            graph.setInput(holder, bias.input(), name);
        } else if (position == Position.AFTER) {
            graph.addInPlaceOf(layer, node.output(), name);
        } else {
            String output = graph.renameOutput(node);
            graph.add(node, node.output(), name, output);
        }
    }

    private static long elements(OnnxTensor tensor) {
        return tensor.dimensions().stream().reduce(1L, (a, b) -> a * b);
    }
}
