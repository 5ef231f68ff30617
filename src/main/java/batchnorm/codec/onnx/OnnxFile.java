package batchnorm.codec.onnx;

import batchnorm.codec.Checkpoint;
import batchnorm.codec.Codec;
import batchnorm.codec.FileFormat;
import batchnorm.codec.LayerSettings;
import batchnorm.codec.MalformedTensor;
import batchnorm.codec.Message;
import batchnorm.codec.QuotedInput;
import batchnorm.codec.Selection;
import batchnorm.codec.binary.Budget;
import batchnorm.codec.onnx.Constants.Constant;
import batchnorm.tensor.DataType;
import batchnorm.tensor.Tensor;
import java.io.IOException;
import java.nio.channels.FileChannel;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/// Reads the tensors of BatchNormalization nodes, of the main graph and of graphs in it. A tensor
/// has the name of its node and of its input in the specification: `bn1/input_mean`. Other
/// initializers are skipped by their own names.
public final class OnnxFile {
    /// The inputs of BatchNormalization behind the first, in order.
    private static final List<String> PARAMETERS = List.of("scale", "B", "input_mean", "input_var");

    private static final String OPERATOR = "BatchNormalization";
    private static final double DEFAULT_EPSILON = 1e-5;
    private static final double DEFAULT_MOMENTUM = 0.9;
    private static final int AXIS = 1;

    private final OnnxModel model;
    private final Map<String, Constant> parameters = new LinkedHashMap<>();
    private final Map<String, LayerSettings> settings = new LinkedHashMap<>();
    private final Set<OnnxTensor> used = new HashSet<>();
    private final Set<String> others = new LinkedHashSet<>();

    private OnnxFile(OnnxModel model) {
        this.model = model;
        add(model.graph(), null);
    }

    /// Reads the selected tensors.
    ///
    /// @param file read from any position
    /// @throws MalformedTensor for an inconsistent file, or a selected tensor in another file
    /// @throws batchnorm.codec.BodyTooLarge when the selected tensors are too large
    public static Checkpoint read(FileChannel file, Selection selection, Codec.Limits limits)
            throws IOException {
        return new OnnxFile(OnnxModel.read(file, limits.memory())).read(selection, limits);
    }

    /// Returns the epsilon with which a BatchNormalization node computes: a binary32 value.
    public static double epsilon(OnnxNode node) {
        return node.number("epsilon", (float) DEFAULT_EPSILON);
    }

    private void add(OnnxGraph graph, @Nullable Constants outer) {
        Constants constants = new Constants(graph, outer);
        for (OnnxNode node : graph.nodes()) {
            if (node.is(OPERATOR)) {
                add(node, constants);
            }
            node.graphs().forEach(inner -> add(inner, constants));
        }
        others.addAll(graph.initializers().keySet());
    }

    private void add(OnnxNode node, Constants constants) {
        String path = path(node);
        settings.put(
                path,
                new LayerSettings(
                        node.number("epsilon", DEFAULT_EPSILON),
                        node.number("momentum", DEFAULT_MOMENTUM),
                        AXIS));
        for (int i = 0; i < PARAMETERS.size(); i++) {
            Constant found = constants.find(node.input(i + 1));
            parameters.put(path + "/" + PARAMETERS.get(i), found);
            if (found.tensor() != null) {
                used.add(found.tensor());
            }
        }
    }

    /// Returns a path that no other node has: names of nodes may repeat, names of values do not.
    private String path(OnnxNode node) {
        String path = settings.containsKey(node.label()) ? node.output(0) : node.label();
        if (settings.containsKey(path)) {
            throw OnnxModel.malformed(
                    "two nodes have the name and the output %s".formatted(QuotedInput.of(path)));
        }
        return path;
    }

    private Checkpoint read(Selection selection, Codec.Limits limits) throws IOException {
        Set<String> names = selection.among(parameters.keySet());
        Message state = new Message();
        List<String> skipped = new ArrayList<>();
        Map<String, String> unreadable = new LinkedHashMap<>();
        Budget budget = new Budget(limits);
        for (Map.Entry<String, Constant> parameter : parameters.entrySet()) {
            String name = parameter.getKey();
            OnnxTensor tensor = parameter.getValue().tensor();
            String reason = tensor == null ? parameter.getValue().reason() : tensor.unreadable();
            if (!names.contains(name)) {
                skipped.add(name);
            } else if (tensor == null || reason != null) {
                requireInside(name, tensor);
                unreadable.put(name, String.valueOf(reason));
            } else {
                Tensor values = model.read(tensor, limits);
                budget.take((long) values.shape().elements() * tensorBytes(values));
                state.with(name, values);
            }
        }
        used.forEach(tensor -> others.remove(tensor.name()));
        others.stream().filter(name -> !parameters.containsKey(name)).forEach(skipped::add);
        return new Checkpoint(FileFormat.ONNX, state, skipped, unreadable, settings);
    }

    private static int tensorBytes(Tensor tensor) {
        return tensor.dataType() == DataType.FP64 ? Double.BYTES : Float.BYTES;
    }

    private static void requireInside(String name, @Nullable OnnxTensor tensor) {
        if (tensor != null && tensor.external()) {
            throw new MalformedTensor(
                    QuotedInput.cut(name),
                    "tensor " + QuotedInput.of(name) + ": " + OnnxModel.EXTERNAL);
        }
    }
}
