package batchnorm.checkpoint.fold;

import batchnorm.codec.onnx.OnnxNode;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/// A node of a graph that is being folded.
final class GraphNode {
    /// Folds into one node: bounds the work on chains.
    private static final int MAX_FOLDS = 16;

    final int index;

    /// The node of the file; null for a new one.
    final @Nullable OnnxNode source;

    final String operator;
    final List<String> inputs;
    final List<String> outputs;
    final Set<String> droppedAttributes = new HashSet<>();

    /// New nodes behind this one.
    final List<GraphNode> behind = new ArrayList<>();

    boolean isRemoved;
    private int folds;

    GraphNode(int index, OnnxNode source) {
        this.index = index;
        this.source = source;
        this.operator = source.operator();
        this.inputs = new ArrayList<>(source.inputs());
        this.outputs = new ArrayList<>(source.outputs());
    }

    /// Creates an addition.
    GraphNode(int index, String first, String second, String output) {
        this.index = index;
        this.source = null;
        this.operator = "Add";
        this.inputs = new ArrayList<>(List.of(first, second));
        this.outputs = new ArrayList<>(List.of(output));
    }

    boolean is(String... operators) {
        return source == null ? List.of(operators).contains(operator) : source.is(operators);
    }

    String label() {
        return source == null ? outputs.getFirst() : source.label();
    }

    String input(int at) {
        return at < inputs.size() ? inputs.get(at) : "";
    }

    String output() {
        return outputs.isEmpty() ? "" : outputs.getFirst();
    }

    /// Returns whether the file's node differs.
    boolean isChanged() {
        return source != null
                && (isRemoved
                        || !behind.isEmpty()
                        || !droppedAttributes.isEmpty()
                        || !inputs.equals(source.inputs())
                        || !outputs.equals(source.outputs()));
    }

    /// @throws Unfoldable when the node has taken as many as it may
    void countFold() throws Unfoldable {
        if (folds == MAX_FOLDS) {
            throw new Unfoldable(
                    "%d others are folded into %s already; fold the result once more"
                            .formatted(MAX_FOLDS, label()));
        }
        folds++;
    }

    @Override
    public String toString() {
        return operator + " " + label();
    }
}
