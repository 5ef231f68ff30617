package batchnorm.checkpoint.fold;

import batchnorm.codec.onnx.OnnxTensor;
import java.util.Set;

/// Finds the rank of a value: as the file states it, or from the nodes before it.
final class Ranks {
    static final int UNKNOWN = -1;
    private static final int MAX_NODES = 64;

    /// Operators whose first input and output have the same rank.
    private static final Set<String> KEEP =
            Set.of(
                    "Abs",
                    "AveragePool",
                    "BatchNormalization",
                    "Cast",
                    "Celu",
                    "Clip",
                    "Conv",
                    "ConvTranspose",
                    "Dropout",
                    "Elu",
                    "Erf",
                    "Exp",
                    "Gelu",
                    "GlobalAveragePool",
                    "GlobalMaxPool",
                    "HardSigmoid",
                    "HardSwish",
                    "Identity",
                    "LayerNormalization",
                    "LeakyRelu",
                    "Log",
                    "LogSoftmax",
                    "MaxPool",
                    "Mish",
                    "Neg",
                    "PRelu",
                    "Pad",
                    "Relu",
                    "Selu",
                    "Sigmoid",
                    "Softmax",
                    "Softplus",
                    "Softsign",
                    "Sqrt",
                    "Tanh");

    private static final Set<String> ELEMENTWISE = Set.of("Add", "Div", "Mul", "Sub");

    private Ranks() {}

    /// @return [#UNKNOWN] where neither states it
    static int of(String value, FoldGraph graph) {
        String current = value;
        for (int i = 0; i < MAX_NODES; i++) {
            int stated = graph.statedRank(current);
            GraphNode node = graph.producer(current);
            if (stated >= 0 || node == null) {
                return stated;
            }
            if (node.is("Gemm", "Flatten")) {
                return 2;
            }
            if (!node.is(KEEP.toArray(String[]::new)) && !keepsRank(node, graph)) {
                return UNKNOWN;
            }
            current = first(node, graph);
        }
        return UNKNOWN;
    }

    /// Returns whether the other operand is a constant that adds no dimension.
    private static boolean keepsRank(GraphNode node, FoldGraph graph) {
        if (!node.is("MatMul") && !node.is(ELEMENTWISE.toArray(String[]::new))) {
            return false;
        }
        boolean isMatrix = node.is("MatMul");
        String other = first(node, graph).equals(node.input(0)) ? node.input(1) : node.input(0);
        try {
            OnnxTensor constant = graph.constant(other, "");
            int rank = constant.dimensions().size();
            return isMatrix ? other.equals(node.input(1)) && rank == 2 : rank <= 2;
        } catch (Unfoldable none) {
            return false;
        }
    }

    private static String first(GraphNode node, FoldGraph graph) {
        boolean isConstantFirst =
                node.is(ELEMENTWISE.toArray(String[]::new)) && graph.isConstant(node.input(0));
        return isConstantFirst ? node.input(1) : node.input(0);
    }
}
