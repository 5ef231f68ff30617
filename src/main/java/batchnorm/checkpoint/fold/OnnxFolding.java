package batchnorm.checkpoint.fold;

import batchnorm.checkpoint.fold.FoldReport.Folded;
import batchnorm.checkpoint.fold.FoldReport.Left;
import batchnorm.codec.Codec;
import batchnorm.codec.onnx.Content;
import batchnorm.codec.onnx.OnnxEdit;
import batchnorm.codec.onnx.OnnxFile;
import batchnorm.codec.onnx.OnnxGraph;
import batchnorm.codec.onnx.OnnxModel;
import batchnorm.codec.onnx.OnnxNode;
import batchnorm.codec.onnx.OnnxTensor;
import batchnorm.codec.onnx.ScratchFile;
import batchnorm.normalization.Affine;
import batchnorm.normalization.Config;
import batchnorm.normalization.Convention;
import batchnorm.normalization.Folding.Position;
import batchnorm.normalization.InvalidConfig;
import batchnorm.normalization.Knob;
import batchnorm.normalization.NonFiniteResult;
import batchnorm.normalization.Parameters;
import batchnorm.normalization.RunningStatistics;
import batchnorm.tensor.Tensor;
import java.io.IOException;
import java.nio.channels.FileChannel;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/// Folds the BatchNormalization nodes of an ONNX model into the weights beside them, as far as the
/// outputs of the model stay what they are. Everything else in the file keeps its bytes.
///
/// A node in a chain is tried again when its neighbor has folded.
public final class OnnxFolding {
    private static final String OPERATOR = "BatchNormalization";
    private static final int OPSET_WITH_TRAINING_MODE = 14;
    private static final int OPSET_WITHOUT_TEST_MODE = 7;
    private static final int OPSET_WITHOUT_SPATIAL = 9;

    private final OnnxModel model;
    private final FoldGraph graph;
    private final OnnxEdit edit;
    private final FoldMemory memory;
    private final Deque<GraphNode> pending = new ArrayDeque<>();
    private final Map<Integer, Folded> folded = new TreeMap<>();
    private final Map<Integer, Left> left = new TreeMap<>();
    private final List<Left> inner = new ArrayList<>();

    private OnnxFolding(OnnxModel model, ScratchFile scratch, Codec.Limits limits) {
        this.model = model;
        this.graph = new FoldGraph(model, limits.memory());
        this.memory = new FoldMemory(limits.memory());
        this.edit =
                new OnnxEdit(
                        model,
                        scratch,
                        new Codec.Limits(limits.elements(), limits.depth(), memory));
    }

    /// Counts the arrays of one fold until it is done.
    private static final class FoldMemory implements Codec.Memory {
        private final Codec.Memory all;
        private long reserved;

        private FoldMemory(Codec.Memory all) {
            this.all = all;
        }

        @Override
        public void reserve(long bytes) {
            all.reserve(bytes);
            reserved += bytes;
        }

        private void release() {
            all.reserve(-reserved);
            reserved = 0;
        }
    }

    /// A folded model.
    ///
    /// @param content refers to the file and to the scratch file until it is written
    public record Result(FoldReport report, Content content) {}

    /// Folds a model.
    ///
    /// @param file of the model, which stays unchanged
    /// @param scratch takes changed tensors
    /// @throws batchnorm.codec.MalformedTensor for an inconsistent file
    /// @throws batchnorm.codec.BodyTooLarge when a tensor is too large
    public static Result fold(FileChannel file, ScratchFile scratch, Codec.Limits limits)
            throws IOException {
        OnnxModel model = OnnxModel.read(file, limits.memory());
        return new OnnxFolding(model, scratch, limits).fold();
    }

    private Result fold() throws IOException {
        for (GraphNode node : List.copyOf(graph.nodes())) {
            if (node.is(OPERATOR)) {
                pending.add(node);
            }
            OnnxNode source = node.source;
            if (source != null) {
                source.graphs().forEach(each -> leaveAll(each, node.label()));
            }
        }
        while (!pending.isEmpty()) {
            GraphNode layer = pending.remove();
            if (!layer.isRemoved) {
                tryFold(layer);
                memory.release();
            }
        }
        graph.apply(edit);
        List<Left> all = new ArrayList<>(left.values());
        all.addAll(inner);
        return new Result(
                new FoldReport(List.copyOf(folded.values()), all, List.of()), edit.finish());
    }

    private void leaveAll(OnnxGraph graph, String around) {
        for (OnnxNode node : graph.nodes()) {
            if (node.is(OPERATOR)) {
                inner.add(
                        new Left(
                                node.label(),
                                "it is in a graph of the node %s; nodes of the main graph are folded"
                                        .formatted(around)));
            }
            node.graphs().forEach(each -> leaveAll(each, around));
        }
    }

    private void tryFold(GraphNode layer) throws IOException {
        try {
            requireInference(layer);
            Affine affine = affine(layer);
            List<String> reasons = new ArrayList<>();
            LinearNode into = foldedInto(layer, affine, Position.AFTER, reasons);
            if (into == null) {
                into = foldedInto(layer, affine, Position.BEFORE, reasons);
            }
            if (into == null) {
                throw new Unfoldable(String.join("; ", reasons));
            }
            left.remove(layer.index);
            folded.put(layer.index, new Folded(layer.label(), into.node().label()));
        } catch (Unfoldable e) {
            left.put(layer.index, new Left(layer.label(), e.reason()));
        }
    }

    /// Returns the node that has taken the layer; null, with a reason more, if none has.
    private @Nullable LinearNode foldedInto(
            GraphNode layer, Affine affine, Position position, List<String> reasons)
            throws IOException {
        try {
            return position == Position.AFTER ? after(layer, affine) : before(layer, affine);
        } catch (Unfoldable e) {
            reasons.add(e.reason());
            return null;
        }
    }

    private LinearNode after(GraphNode layer, Affine affine) throws Unfoldable, IOException {
        LinearNode linear = LinearNode.before(layer.input(0), graph, edit);
        if (linear == null) {
            GraphNode producer = graph.producer(layer.input(0));
            throw new Unfoldable(
                    producer == null
                            ? "before it is the value %s, which no node computes"
                                    .formatted(layer.input(0))
                            : "before it is %s (%s), which has no weights"
                                    .formatted(producer.label(), producer.operator));
        }
        graph.requireOneUse(layer.input(0), "the value %s before it".formatted(layer.input(0)));
        linear.fold(layer, affine, Position.AFTER);
        if (!layer.isRemoved) {
            graph.replaceOutput(layer, linear.last());
        }
        GraphNode next = graph.onlyUser(layer.output());
        if (next != null && next.is(OPERATOR)) {
            pending.add(next);
        }
        return linear;
    }

    private LinearNode before(GraphNode layer, Affine affine) throws Unfoldable, IOException {
        graph.requireOneUse(layer.output(), "its output");
        GraphNode user = graph.onlyUser(layer.output());
        LinearNode linear = user == null ? null : LinearNode.behind(user, graph, edit);
        if (user == null || linear == null) {
            throw new Unfoldable(
                    user == null
                            ? "its output is not used"
                            : "behind it is %s (%s), which has no weights"
                                    .formatted(user.label(), user.operator));
        }
        linear.fold(layer, affine, Position.BEFORE);
        graph.bypass(layer, user);
        GraphNode previous = graph.producer(layer.input(0));
        if (previous != null && previous.is(OPERATOR)) {
            pending.add(previous);
        }
        return linear;
    }

    private void requireInference(GraphNode layer) throws Unfoldable {
        OnnxNode node = Objects.requireNonNull(layer.source);
        if (model.hasTraining()) {
            throw new Unfoldable("the file has a graph that trains the model");
        }
        boolean isTraining =
                model.opset() >= OPSET_WITH_TRAINING_MODE
                        ? node.integer("training_mode", 0) != 0
                        : model.opset() < OPSET_WITHOUT_TEST_MODE
                                && node.integer("is_test", 0) == 0;
        if (isTraining || layer.outputs.stream().skip(1).anyMatch(name -> !name.isEmpty())) {
            throw new Unfoldable(
                    "it is in training mode: it normalizes by the statistics of the batch. Export the model for inference (model.eval() in PyTorch)");
        }
        if (model.opset() < OPSET_WITHOUT_SPATIAL && node.integer("spatial", 1) == 0) {
            throw new Unfoldable("it normalizes each activation (spatial=0), and not each channel");
        }
    }

    private Affine affine(GraphNode layer) throws Unfoldable, IOException {
        double[] scale = vector(layer, 1, "its scale");
        double[] shift = vector(layer, 2, "its B");
        double[] mean = vector(layer, 3, "its input_mean");
        double[] variance = vector(layer, 4, "its input_var");
        if (shift.length != scale.length
                || mean.length != scale.length
                || variance.length != scale.length) {
            throw new Unfoldable("its parameters have different lengths");
        }
        OnnxNode node = Objects.requireNonNull(layer.source);
        try {
            Config config =
                    Convention.ONNX.config().with(Map.of(Knob.EPSILON, OnnxFile.epsilon(node)));
            return Affine.of(
                    new RunningStatistics(mean, variance, 0), new Parameters(scale, shift), config);
        } catch (NonFiniteResult | InvalidConfig e) {
            throw new Unfoldable(String.valueOf(e.getMessage()));
        }
    }

    private double[] vector(GraphNode layer, int input, String what)
            throws Unfoldable, IOException {
        OnnxTensor tensor = graph.constant(layer.input(input), what);
        Tensor values = edit.read(tensor);
        if (values.shape().rank() != 1) {
            throw new Unfoldable("%s has shape %s".formatted(what, values.shape()));
        }
        return values.toDoubles();
    }
}
