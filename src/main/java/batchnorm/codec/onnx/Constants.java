package batchnorm.codec.onnx;

import batchnorm.codec.QuotedInput;
import java.util.HashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/// Finds the constants of a graph: initializers, and values of Constant nodes, also through
/// Identity nodes. A graph in another graph sees the constants of that one, too.
public final class Constants {
    /// Identity nodes between a constant and its use.
    private static final int MAX_HOPS = 8;

    private final OnnxGraph graph;
    private final @Nullable Constants outer;
    private final Map<String, OnnxNode> producers = new HashMap<>();

    /// @param outer of the graph around; null for the main graph
    public Constants(OnnxGraph graph, @Nullable Constants outer) {
        this.graph = graph;
        this.outer = outer;
        for (OnnxNode node : graph.nodes()) {
            node.outputs().forEach(output -> producers.put(output, node));
        }
    }

    /// A value as a constant.
    ///
    /// @param tensor null if the value is none
    /// @param reason why it is none
    public record Constant(@Nullable OnnxTensor tensor, String reason) {}

    /// Returns the node of this graph that computes a value; null if none does.
    public @Nullable OnnxNode producer(String value) {
        return producers.get(value);
    }

    /// Returns the tensor of a value, or the reason why it has none.
    public Constant find(String value) {
        String current = value;
        for (int hop = 0; hop < MAX_HOPS; hop++) {
            OnnxTensor initializer = graph.initializers().get(current);
            if (initializer != null) {
                return new Constant(initializer, "");
            }
            OnnxNode node = producers.get(current);
            if (node == null) {
                return withoutNode(current);
            }
            if (node.is("Constant") && node.constant() != null) {
                return new Constant(node.constant(), "");
            }
            if (!node.is("Identity")) {
                return none("it is computed by the node %s (%s)", node.label(), node.operator());
            }
            current = node.input(0);
        }
        return none("it is behind more than " + MAX_HOPS + " Identity nodes");
    }

    private Constant withoutNode(String value) {
        if (graph.inputs().containsKey(value)) {
            return none("it is an input of the graph, without an initializer");
        }
        return outer == null ? none("no node or initializer gives it") : outer.find(value);
    }

    private static Constant none(String format, String... names) {
        Object[] quoted = new Object[names.length];
        for (int i = 0; i < names.length; i++) {
            quoted[i] = QuotedInput.of(names[i]);
        }
        return new Constant(null, format.formatted(quoted));
    }
}
