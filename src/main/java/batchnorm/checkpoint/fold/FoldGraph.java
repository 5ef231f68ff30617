package batchnorm.checkpoint.fold;

import batchnorm.codec.Codec;
import batchnorm.codec.onnx.Constants;
import batchnorm.codec.onnx.OnnxEdit;
import batchnorm.codec.onnx.OnnxEdit.NewNode;
import batchnorm.codec.onnx.OnnxGraph;
import batchnorm.codec.onnx.OnnxModel;
import batchnorm.codec.onnx.OnnxNode;
import batchnorm.codec.onnx.OnnxTensor;
import batchnorm.codec.onnx.OnnxValue;
import java.io.IOException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/// The main graph of a model while batch normalization is folded: which node gives a value, and how
/// often each value is used. Uses in graphs of attributes and as outputs of the graph count.
final class FoldGraph {
    /// Bytes counted for a node and its values.
    private static final int BYTES_OF_NODE = 512;

    private final OnnxModel model;
    private final Codec.Memory memory;
    private final OnnxGraph graph;
    private final Constants constants;
    private final List<GraphNode> nodes = new ArrayList<>();
    private final Map<String, GraphNode> producers = new HashMap<>();
    private final Map<String, Uses> uses = new HashMap<>();
    private final Set<String> names = new HashSet<>();
    private final Set<String> removedValues = new HashSet<>();

    /// The uses of a value by nodes of this graph, and other uses. With one use by a node, the sum
    /// of indices is the index of that node.
    private static final class Uses {
        private int byNodes;
        private long indices;
        private int others;
    }

    FoldGraph(OnnxModel model, Codec.Memory memory) {
        this.model = model;
        this.memory = memory;
        this.graph = model.graph();
        this.constants = new Constants(graph, null);
        memory.reserve((long) BYTES_OF_NODE * graph.nodes().size());
        for (OnnxNode source : graph.nodes()) {
            GraphNode node = new GraphNode(nodes.size(), source);
            nodes.add(node);
            node.outputs.forEach(output -> producers.put(output, node));
            node.inputs.forEach(input -> use(input, node));
            source.graphs().forEach(this::useAll);
            names.addAll(node.outputs);
        }
        graph.outputs().keySet().forEach(this::useElsewhere);
        graph.annotated().forEach(this::useElsewhere);
        names.addAll(graph.inputs().keySet());
        names.addAll(graph.initializers().keySet());
        names.addAll(uses.keySet());
    }

    /// Counts every name in a graph of an attribute as a use of the outer value of that name.
    private void useAll(OnnxGraph inner) {
        for (OnnxNode node : inner.nodes()) {
            node.inputs().forEach(this::useElsewhere);
            node.outputs().forEach(names::add);
            node.graphs().forEach(this::useAll);
        }
        inner.outputs().keySet().forEach(this::useElsewhere);
        names.addAll(inner.initializers().keySet());
        names.addAll(inner.inputs().keySet());
    }

    private void use(String value, GraphNode node) {
        Uses all = uses.computeIfAbsent(value, _ -> new Uses());
        all.byNodes++;
        all.indices += node.index;
    }

    private void useElsewhere(String value) {
        uses.computeIfAbsent(value, _ -> new Uses()).others++;
    }

    List<GraphNode> nodes() {
        return nodes;
    }

    OnnxModel model() {
        return model;
    }

    boolean isOutput(String value) {
        return graph.outputs().containsKey(value);
    }

    /// Returns the node that gives a value; null for an input or initializer.
    @Nullable GraphNode producer(String value) {
        return producers.get(value);
    }

    /// Returns the only use of a value, if it is one by a node of this graph.
    @Nullable GraphNode onlyUser(String value) {
        Uses all = uses.get(value);
        return all != null && all.byNodes == 1 && all.others == 0
                ? nodes.get((int) all.indices)
                : null;
    }

    /// Requires that a value between two nodes has no other use.
    ///
    /// @param what the value is
    void requireOneUse(String value, String what) throws Unfoldable {
        if (isOutput(value)) {
            throw new Unfoldable("%s is an output of the graph".formatted(what));
        }
        if (onlyUser(value) == null) {
            throw new Unfoldable("%s is used by more than one node".formatted(what));
        }
    }

    /// Returns the tensor of a constant.
    ///
    /// @param what the value is
    OnnxTensor constant(String value, String what) throws Unfoldable {
        Constants.Constant found = constants.find(value);
        OnnxTensor tensor = found.tensor();
        if (tensor == null) {
            throw new Unfoldable("%s is no constant: %s".formatted(what, found.reason()));
        }
        if (isInput(tensor) && !model.areInitializersInputs()) {
            throw new Unfoldable(
                    "%s is an input of the graph, which a caller of the model may override"
                            .formatted(what));
        }
        if (tensor.unreadable() != null) {
            throw new Unfoldable("%s: %s".formatted(what, tensor.unreadable()));
        }
        return tensor;
    }

    boolean isConstant(String value) {
        return constants.find(value).tensor() != null;
    }

    private boolean isInput(OnnxTensor tensor) {
        return tensor.isInitializer() && graph.inputs().containsKey(tensor.name());
    }

    /// Returns whether one use leads to a constant, also through Identity nodes.
    boolean isPrivate(String value) {
        String current = value;
        while (onlyUser(current) != null) {
            GraphNode producer = producers.get(current);
            if (producer == null || producer.is("Constant")) {
                return true;
            }
            if (!producer.is("Identity")) {
                return false;
            }
            current = producer.input(0);
        }
        return false;
    }

    /// Returns the number of dimensions that the file states; -1 where it does not.
    int statedRank(String value) {
        for (Map<String, OnnxValue> declared :
                List.of(graph.values(), graph.inputs(), graph.outputs())) {
            OnnxValue found = declared.get(value);
            if (found != null && found.rank() >= 0) {
                return found.rank();
            }
        }
        return -1;
    }

    /// Counts memory until the model is written.
    void reserve(long bytes) {
        memory.reserve(bytes);
    }

    /// Returns a name that no value has.
    String newName(String wanted) {
        String name = wanted;
        for (int i = 2; !names.add(name); i++) {
            name = wanted + "_" + i;
        }
        return name;
    }

    /// Makes a node use another value as an input, which it may not have had.
    void setInput(GraphNode node, int at, String value) {
        while (node.inputs.size() <= at) {
            node.inputs.add("");
            use("", node);
        }
        release(node.inputs.set(at, value), node);
        use(value, node);
    }

    /// Gives the value of one node to the users of another's, which is removed. The value keeps the
    /// name that these users know.
    void replaceOutput(GraphNode removed, GraphNode by) {
        String inner = by.output();
        by.outputs.set(0, removed.output());
        producers.remove(inner);
        remove(removed);
        producers.put(by.output(), by);
        removedValues.add(inner);
    }

    /// Removes a node whose only user takes its input in its place.
    void bypass(GraphNode removed, GraphNode user) {
        String outer = removed.input(0);
        removedValues.add(removed.output());
        setInput(user, user.inputs.indexOf(removed.output()), outer);
        remove(removed);
    }

    /// Adds `first + second` behind a node.
    ///
    /// @param output a value that no node gives
    GraphNode add(GraphNode behind, String first, String second, String output) {
        GraphNode added = new GraphNode(nodes.size(), first, second, output);
        nodes.add(added);
        behind.behind.add(added);
        use(first, added);
        use(second, added);
        producers.put(output, added);
        return added;
    }

    /// Puts `value + constant` in the place of a node, whose output it takes.
    void addInPlaceOf(GraphNode removed, String value, String constant) {
        remove(removed);
        add(removed, value, constant, removed.output());
    }

    /// Gives a node's value another name, for a node that takes its old one.
    String renameOutput(GraphNode node) {
        String old = node.output();
        producers.remove(old);
        node.outputs.set(0, newName(old + "_product"));
        producers.put(node.output(), node);
        return old;
    }

    /// Removes a node and the constants that it alone used.
    void remove(GraphNode node) {
        node.isRemoved = true;
        node.outputs.forEach(output -> producers.remove(output, node));
        node.inputs.forEach(input -> release(input, node));
    }

    private void release(String value, GraphNode node) {
        Uses all = Objects.requireNonNull(uses.get(value));
        all.byNodes--;
        all.indices -= node.index;
        if (value.isEmpty() || all.byNodes > 0 || all.others > 0) {
            return;
        }
        GraphNode producer = producers.get(value);
        if (producer == null) {
            removedValues.add(value);
        } else if (producer.is("Constant", "Identity")) {
            removedValues.add(value);
            remove(producer);
        }
    }

    /// Writes the changes.
    void apply(OnnxEdit edit) throws IOException {
        for (GraphNode node : nodes) {
            if (node.isChanged()) {
                List<NewNode> written = new ArrayList<>();
                write(node, written);
                edit.replace(Objects.requireNonNull(node.source), written);
            }
        }
        for (String value : removedValues) {
            OnnxTensor initializer = graph.initializers().get(value);
            if (initializer != null) {
                edit.drop(initializer);
                drop(graph.inputs().get(value), edit);
            }
            drop(graph.values().get(value), edit);
            edit.remove(value);
        }
    }

    private static void write(GraphNode node, List<NewNode> written) {
        if (!node.isRemoved) {
            written.add(
                    node.source == null
                            ? new OnnxEdit.Added(
                                    node.operator, node.label(), node.inputs, node.outputs)
                            : new OnnxEdit.Rewired(
                                    node.source,
                                    node.inputs,
                                    node.outputs,
                                    node.droppedAttributes));
        }
        node.behind.forEach(each -> write(each, written));
    }

    private static void drop(@Nullable OnnxValue declaration, OnnxEdit edit) {
        if (declaration != null) {
            edit.drop(declaration);
        }
    }
}
