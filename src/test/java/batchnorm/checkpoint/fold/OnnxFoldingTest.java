package batchnorm.checkpoint.fold;

import static batchnorm.codec.onnx.OnnxWriter.attribute;
import static batchnorm.codec.onnx.OnnxWriter.message;
import static batchnorm.codec.onnx.OnnxWriter.model;
import static batchnorm.codec.onnx.OnnxWriter.node;
import static batchnorm.codec.onnx.OnnxWriter.value;
import static batchnorm.codec.onnx.OnnxWriter.vector;
import static org.assertj.core.api.Assertions.assertThat;

import batchnorm.checkpoint.fold.FoldReport.Folded;
import batchnorm.codec.BodyTooLarge;
import batchnorm.codec.Codec;
import batchnorm.codec.MalformedTensor;
import batchnorm.codec.onnx.OnnxModel;
import batchnorm.codec.onnx.OnnxNode;
import batchnorm.codec.onnx.OnnxWriter;
import batchnorm.codec.onnx.ScratchFile;
import batchnorm.fixtures.RandomSeed;
import batchnorm.tensor.DataType;
import batchnorm.tensor.Shape;
import batchnorm.tensor.Tensor;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Random;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

class OnnxFoldingTest {
    /// Weights are rounded once to FP32: a few of its roundings in relation to the largest output.
    private static final double FP32 = 1e-6;

    private static final double OF_THE_MANIFEST = 1e-5;
    private static final String[] NONE = {};

    @TempDir private Path directory;

    private final Random random = RandomSeed.random(1);

    private FoldedFile fold(OnnxWriter graph) throws IOException {
        return foldModel(model(15, graph));
    }

    private FoldedFile foldModel(OnnxWriter model) throws IOException {
        return FoldedFile.of(OnnxWriter.save(directory, model.toBytes()));
    }

    private Tensor tensor(int... dimensions) {
        return tensor(DataType.FP32, dimensions);
    }

    private Tensor tensor(DataType type, int... dimensions) {
        Shape shape = Shape.of(dimensions);
        double[] wide = random.doubles(shape.elements(), -2, 2).toArray();
        if (type == DataType.FP64) {
            return Tensor.of(shape, wide);
        }
        float[] values = new float[wide.length];
        for (int i = 0; i < values.length; i++) {
            values[i] = type.narrow(wide[i]);
        }
        return Tensor.of(shape, type, values);
    }

    private static String[] names(String... names) {
        return names;
    }

    /// Adds the node and the parameters of a normalization with positive variances.
    private OnnxWriter normalize(
            OnnxWriter graph, String name, String from, String to, int channels) {
        String[] inputs = {from, name + ".s", name + ".b", name + ".m", name + ".v"};
        return graph.message(1, node("BatchNormalization", name, inputs, names(to)))
                .message(5, OnnxWriter.tensor(name + ".s", tensor(channels)))
                .message(5, OnnxWriter.tensor(name + ".b", tensor(channels)))
                .message(5, OnnxWriter.tensor(name + ".m", tensor(channels)))
                .message(5, vector(name + ".v", random.doubles(channels, 0.1, 3).toArray()));
    }

    private static OnnxWriter parameter(OnnxWriter graph, String name, Tensor values) {
        return graph.message(5, OnnxWriter.tensor(name, values));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {"conv_bn.onnx", "conv_transpose_bn.onnx", "gemm_bn.onnx", "bn_first.onnx"})
    void modelsOfTheManifestGiveTheirOutputs(String name) throws IOException {
        Path original = directory.resolve(name);
        try (InputStream file = resource(name)) {
            Files.copy(file, original);
        }
        JsonNode expected = JsonMapper.shared().readTree(resource("manifest.json")).get(name);
        FoldedFile folded = FoldedFile.of(original);
        assertThat(folded.report().left())
                .hasSize(expected.get("batch_norms_left_after_folding").intValue());
        Map<String, Tensor> feeds = new HashMap<>();
        expected.at("/model/feeds")
                .properties()
                .forEach(feed -> feeds.put(feed.getKey(), tensorOf(feed.getValue())));
        Map<String, Tensor> outputs = Evaluator.run(folded.file(), feeds);
        assertThat(
                        FoldedFile.difference(
                                tensorOf(expected.at("/model/output")),
                                outputs.values().iterator().next()))
                .isLessThan(OF_THE_MANIFEST);
    }

    private static InputStream resource(String name) {
        return Objects.requireNonNull(
                OnnxFoldingTest.class.getResourceAsStream("/checkpoints/" + name));
    }

    private static Tensor tensorOf(JsonNode nested) {
        List<Integer> dimensions = new ArrayList<>();
        for (JsonNode at = nested; at.isArray(); at = at.get(0)) {
            dimensions.add(at.size());
        }
        List<Double> values = new ArrayList<>();
        collect(nested, values);
        return Tensor.of(
                Shape.of(dimensions.stream().mapToInt(i -> i).toArray()),
                values.stream().mapToDouble(d -> d).toArray());
    }

    private static void collect(JsonNode nested, List<Double> values) {
        if (nested.isArray()) {
            nested.forEach(each -> collect(each, values));
        } else {
            values.add(nested.doubleValue());
        }
    }

    @ParameterizedTest
    @CsvSource({
        "Conv, 1, 6, 4, 1, 3, 0, 1, true",
        "Conv, 2, 6, 4, 2, 3, 1, 1, false",
        "Conv, 2, 6, 6, 6, 3, 1, 2, true", // depthwise, dilated
        "Conv, 2, 4, 8, 4, 1, 0, 1, false", // depthwise with two outputs each
        "Conv, 3, 2, 4, 1, 2, 1, 1, true",
        "ConvTranspose, 1, 4, 6, 2, 3, 0, 1, true",
        "ConvTranspose, 2, 4, 6, 2, 2, 1, 1, false",
        "ConvTranspose, 2, 3, 5, 1, 3, 0, 2, true",
        "ConvTranspose, 3, 2, 4, 2, 2, 0, 1, false",
    })
    void convolutionsTakeALayerBehindThem(
            String operator,
            int axes,
            int in,
            int out,
            int groups,
            int kernel,
            int pad,
            int dilation,
            boolean biased)
            throws IOException {
        int[] shape = new int[axes + 2];
        Arrays.fill(shape, kernel);
        shape[0] = operator.equals("Conv") ? out : in;
        shape[1] = (operator.equals("Conv") ? in : out) / groups;
        long[] pads = new long[2 * axes];
        Arrays.fill(pads, pad);
        long[] dilations = new long[axes];
        Arrays.fill(dilations, dilation);
        OnnxWriter graph = message();
        graph.message(
                1,
                node(
                        operator,
                        "conv",
                        biased ? names("x", "w", "wb") : names("x", "w"),
                        names("c"),
                        attribute("group", groups),
                        attribute("pads", pads),
                        attribute("dilations", dilations)));
        normalize(graph, "bn", "c", "y", out);
        parameter(graph, "w", tensor(shape));
        if (biased) {
            parameter(graph, "wb", tensor(out));
        }
        FoldedFile folded = fold(graph.message(12, value("y")));
        assertThat(folded.report().folded()).containsExactly(new Folded("bn", "conv"));
        int[] input = new int[axes + 2];
        Arrays.fill(input, 8 - axes);
        input[0] = 2;
        input[1] = in;
        assertThat(folded.difference(Map.of("x", tensor(input)))).isLessThan(FP32);
        assertThat(nodes(folded)).extracting(OnnxNode::operator).containsExactly(operator);
    }

    private static List<OnnxNode> nodes(FoldedFile folded) throws IOException {
        try (FileChannel file = FileChannel.open(folded.file())) {
            return OnnxModel.read(file, bytes -> {}).graph().nodes();
        }
    }

    @ParameterizedTest
    @CsvSource({
        "AFTER, 1, 1, 0, 0, vector",
        "AFTER, 0.5, 2, 0, 1, vector",
        "AFTER, -3, 0.25, 1, 1, row",
        "AFTER, 2, 0.5, 0, 0, scalar",
        "AFTER, 1, 1, 0, 1, none",
        "AFTER, 0.5, 0, 0, 1, vector",
        "BEFORE, 1, 1, 0, 0, vector",
        "BEFORE, 0.5, 2, 0, 1, row",
        "BEFORE, -3, 0.25, 0, 0, scalar",
        "BEFORE, 2, 0, 0, 1, vector",
        "BEFORE, 0.5, 3, 0, 0, none",
    })
    void gemmTakesALayerOnEitherSide(
            String position, float alpha, float beta, long transA, long transB, String bias)
            throws IOException {
        boolean after = position.equals("AFTER");
        OnnxWriter graph = message();
        if (!after) {
            normalize(graph, "bn", "x", "n", 4);
        }
        String from = after ? "x" : "n";
        graph.message(
                1,
                node(
                        "Gemm",
                        "fc",
                        bias.equals("none") ? names(from, "w") : names(from, "w", "c"),
                        names(after ? "f" : "y"),
                        attribute("alpha", alpha),
                        attribute("beta", beta),
                        attribute("transA", transA),
                        attribute("transB", transB)));
        if (after) {
            normalize(graph, "bn", "f", "y", 5);
        }
        parameter(graph, "w", transB == 1 ? tensor(5, 4) : tensor(4, 5));
        switch (bias) {
            case "vector" -> parameter(graph, "c", tensor(5));
            case "row" -> parameter(graph, "c", tensor(1, 5));
            case "scalar" -> parameter(graph, "c", tensor(1));
            default -> {}
        }
        FoldedFile folded = fold(graph.message(12, value("y")));
        assertThat(folded.reasons()).isEmpty();
        Tensor x = transA == 1 ? tensor(4, 3) : tensor(3, 4);
        assertThat(folded.difference(Map.of("x", x))).isLessThan(FP32);
    }

    @ParameterizedTest
    @CsvSource({"AFTER, true", "AFTER, false", "BEFORE, true", "BEFORE, false"})
    void aMatrixProductTakesALayerIntoTheAdditionBehindIt(String position, boolean biased)
            throws IOException {
        boolean after = position.equals("AFTER");
        OnnxWriter graph = message();
        if (!after) {
            normalize(graph, "bn", "x", "n", 4);
        }
        graph.message(
                1,
                node(
                        "MatMul",
                        "product",
                        names(after ? "x" : "n", "w"),
                        names(biased ? "p" : after ? "f" : "y")));
        if (biased) {
            graph.message(1, node("Add", "sum", names("c", "p"), names(after ? "f" : "y")));
            parameter(graph, "c", tensor(5));
        }
        if (after) {
            normalize(graph, "bn", "f", "y", 5);
        }
        parameter(graph, "w", tensor(4, 5));
        graph.message(11, value("x", 3, 4)).message(12, value("y", 3, 5));
        FoldedFile folded = fold(graph);
        assertThat(folded.report().folded()).containsExactly(new Folded("bn", "product"));
        assertThat(folded.difference(Map.of("x", tensor(3, 4)))).isLessThan(FP32);
        assertThat(nodes(folded)).extracting(OnnxNode::operator).containsExactly("MatMul", "Add");
    }

    @Test
    void anUnpaddedConvolutionTakesALayerBeforeIt() throws IOException {
        OnnxWriter graph = message();
        normalize(graph, "bn", "x", "n", 4);
        graph.message(
                1,
                node(
                        "Conv",
                        "conv",
                        names("n", "w"),
                        names("y"),
                        attribute("group", 2),
                        attribute("strides", 2, 2),
                        attribute("auto_pad", "VALID")));
        parameter(graph, "w", tensor(6, 2, 3, 3));
        FoldedFile folded = fold(graph.message(12, value("y")));
        assertThat(folded.reasons()).isEmpty();
        assertThat(folded.difference(Map.of("x", tensor(2, 4, 7, 7)))).isLessThan(FP32);
    }

    /// A small variance multiplies the rounding of the convolution, in FP64 up to some hundred
    /// times.
    @ParameterizedTest
    @CsvSource({"FP64, 1e-12", "FP32, 1e-6", "FP16, 4e-3", "BF16, 3e-2"})
    void weightsKeepTheirType(DataType type, double tolerance) throws IOException {
        OnnxWriter graph = message();
        graph.message(1, node("Conv", "conv", names("x", "w", "wb"), names("c")));
        normalize(graph, "bn", "c", "y", 3);
        parameter(graph, "w", tensor(type, 3, 2, 2));
        parameter(graph, "wb", tensor(type, 3));
        FoldedFile folded = fold(graph.message(12, value("y")));
        assertThat(folded.difference(Map.of("x", tensor(2, 2, 5)))).isLessThan(tolerance);
        try (FileChannel file = FileChannel.open(folded.file())) {
            assertThat(OnnxModel.read(file, bytes -> {}).graph().initializers().values())
                    .allSatisfy(tensor -> assertThat(tensor.dataType()).isEqualTo(type));
        }
    }

    @Test
    void elementsKeepTheirForm() throws IOException {
        OnnxWriter bits = OnnxWriter.header("w", 10, 2, 2, 1);
        for (int each : new int[] {0x3C00, 0x4000, 0xBC00, 0x3555}) {
            bits.integer(5, each);
        }
        OnnxWriter graph = message();
        graph.message(1, node("Conv", "conv", names("x", "w", "wb"), names("c")));
        normalize(graph, "bn", "c", "y", 2);
        graph.message(5, bits)
                .message(
                        5,
                        OnnxWriter.header("wb", 10, 2).bytes(5, new byte[] {0, (byte) 0x80, 0x78}));
        FoldedFile folded = fold(graph.message(12, value("y")));
        assertThat(folded.reasons()).isEmpty();
        assertThat(folded.difference(Map.of("x", tensor(2, 2, 5)))).isLessThan(4e-3);
    }

    @Test
    void aConstantNodeKeepsItsPlace() throws IOException {
        OnnxWriter graph = message();
        graph.message(
                1,
                node(
                        "Constant",
                        "weight",
                        NONE,
                        names("w"),
                        attribute("value", 5, OnnxWriter.tensor("", tensor(3, 2, 2)))));
        graph.message(1, node("Identity", "", names("w"), names("w2")));
        graph.message(1, node("Conv", "conv", names("x", "w2"), names("c")));
        normalize(graph, "bn", "c", "y", 3);
        FoldedFile folded = fold(graph.message(12, value("y")));
        assertThat(folded.reasons()).isEmpty();
        assertThat(folded.difference(Map.of("x", tensor(2, 2, 5)))).isLessThan(FP32);
        assertThat(nodes(folded))
                .extracting(OnnxNode::operator)
                .containsExactly("Constant", "Identity", "Conv");
    }

    @Test
    void chainsFoldFromBothEnds() throws IOException {
        OnnxWriter graph = message();
        normalize(graph, "first", "x", "a", 2);
        normalize(graph, "second", "a", "b", 2);
        graph.message(1, node("Conv", "conv", names("b", "w"), names("c")));
        normalize(graph, "third", "c", "d", 3);
        normalize(graph, "fourth", "d", "y", 3);
        parameter(graph, "w", tensor(3, 2, 2));
        FoldedFile folded = fold(graph.message(12, value("y")));
        assertThat(folded.report().folded())
                .extracting(Folded::node)
                .containsExactly("first", "second", "third", "fourth");
        assertThat(folded.difference(Map.of("x", tensor(2, 2, 5)))).isLessThan(FP32);
        assertThat(nodes(folded)).hasSize(1);
    }

    @Test
    void aLongChainIsCut() throws IOException {
        OnnxWriter graph = message();
        graph.message(1, node("Conv", "conv", names("x", "w"), names("v0")));
        parameter(graph, "w", tensor(1, 1, 1));
        for (int i = 0; i < 20; i++) {
            normalize(graph, "bn" + i, "v" + i, "v" + (i + 1), 1);
        }
        FoldedFile folded = fold(graph.message(12, value("v20")));
        assertThat(folded.report().folded()).hasSize(16);
        assertThat(folded.reasons().get("bn16")).contains("16 others");
    }

    @Test
    void parametersThatOthersUseStay() throws IOException {
        OnnxWriter graph = message();
        graph.message(1, node("Conv", "conv", names("x", "w", "bn.b"), names("c")));
        normalize(graph, "bn", "c", "y", 3);
        graph.message(1, node("Mul", "other", names("x", "bn.s"), names("z")));
        parameter(graph, "w", tensor(3, 3, 1));
        FoldedFile folded = fold(graph.message(12, value("y")).message(12, value("z")));
        assertThat(folded.reasons()).isEmpty();
        assertThat(folded.difference(Map.of("x", tensor(2, 3, 3)))).isLessThan(FP32);
        try (FileChannel file = FileChannel.open(folded.file())) {
            assertThat(OnnxModel.read(file, bytes -> {}).graph().initializers())
                    .containsOnlyKeys("bn.s", "w", "conv_folded_bias");
        }
    }

    @Test
    void inTheOldFormatInputsFollowTheirInitializers() throws IOException {
        OnnxWriter graph = message();
        graph.message(1, node("Conv", "conv", names("x", "w"), names("c")));
        normalize(graph, "bn", "c", "y", 3);
        parameter(graph, "w", tensor(3, 3, 1));
        for (String name : names("x", "w", "bn.s", "bn.b", "bn.m", "bn.v")) {
            graph.message(11, value(name));
        }
        graph.message(12, value("y")).message(13, value("c"));
        OnnxWriter old =
                message()
                        .integer(1, 3)
                        .text(2, "")
                        .message(7, graph)
                        .message(8, message().integer(2, 9));
        FoldedFile folded = foldModel(old);
        assertThat(folded.reasons()).isEmpty();
        assertThat(folded.difference(Map.of("x", tensor(2, 3, 3)))).isLessThan(FP32);
        try (FileChannel file = FileChannel.open(folded.file())) {
            var read = OnnxModel.read(file, bytes -> {}).graph();
            assertThat(read.inputs()).containsOnlyKeys("x", "w", "conv_folded_bias");
            assertThat(read.values()).isEmpty();
        }
    }

    /// Each row makes one change to `Conv, normalization`, which would fold.
    @ParameterizedTest
    @CsvSource({
        "second consumer, used by more than one node",
        "output, is an output of the graph",
        "used in a branch, used by more than one node",
        "weight is an input, 'no constant: it is an input of the graph'",
        "weight may be overridden, which a caller of the model may override",
        "weight is computed, 'it is computed by the node \"exp\"'",
        "weight is shared, shared with another node",
        "weight is an output, shared with another node",
        "weight is elsewhere, save_as_external_data=False",
        "mean is an input, its input_mean is no constant",
        "training, training mode",
        "saved statistics, training mode",
        "no variance, whose sum is not positive",
        "other length, have different lengths",
        "trained by the file, trains the model",
        "no weights, which has no weights",
    })
    void whatDoesNotFoldIsLeftWithItsReason(String change, String reason) throws IOException {
        OnnxWriter graph = message();
        String producer = change.equals("no weights") ? "Relu" : "Conv";
        graph.message(
                1,
                node(
                        producer,
                        "conv",
                        producer.equals("Relu") ? names("x") : names("x", "w"),
                        names("c")));
        OnnxWriter[] attributes =
                change.equals("training")
                        ? new OnnxWriter[] {attribute("training_mode", 1)}
                        : new OnnxWriter[0];
        graph.message(
                1,
                node(
                        "BatchNormalization",
                        "bn",
                        names("c", "s", "b", "m", "v"),
                        change.equals("saved statistics") ? names("y", "mean") : names("y"),
                        attributes));
        graph.message(5, vector("s", 1, 2))
                .message(5, change.equals("other length") ? vector("b", 1) : vector("b", 1, 2))
                .message(5, change.equals("no variance") ? vector("v", 1, -1) : vector("v", 1, 2));
        if (change.equals("mean is an input")) {
            graph.message(11, value("m", 2));
        } else {
            graph.message(5, vector("m", 1, 2));
        }
        addWeight(graph, change);
        graph.message(1, node("Relu", "last", names("y"), names("z"))).message(12, value("z"));
        addUse(graph, change);
        OnnxWriter model = model(15, graph);
        if (change.equals("trained by the file")) {
            model.message(20, message());
        }
        FoldedFile folded = foldModel(model);
        assertThat(folded.reasons().get("bn")).contains(reason);
        assertThat(Files.readAllBytes(folded.file()))
                .as("the file stays what it is")
                .isEqualTo(Files.readAllBytes(folded.original()));
    }

    private void addWeight(OnnxWriter graph, String change) {
        switch (change) {
            case "weight is an input" -> graph.message(11, value("w", 2, 2, 1));
            case "weight is computed" -> {
                graph.message(1, node("Exp", "exp", names("q"), names("w")));
                parameter(graph, "q", tensor(2, 2, 1));
            }
            case "weight is elsewhere" ->
                    graph.message(5, OnnxWriter.header("w", 1, 2, 2, 1).integer(14, 1));
            default -> parameter(graph, "w", tensor(2, 2, 1));
        }
        if (change.equals("weight may be overridden")) {
            graph.message(11, value("w", 2, 2, 1));
        }
    }

    private static void addUse(OnnxWriter graph, String change) {
        switch (change) {
            case "second consumer" ->
                    graph.message(1, node("Relu", "other", names("c"), names("z2")));
            case "output" -> graph.message(12, value("c"));
            case "used in a branch" -> {
                OnnxWriter branch = message().message(1, node("Relu", "", names("c"), names("z3")));
                graph.message(
                        1,
                        node(
                                "If",
                                "if",
                                names("x"),
                                names("z2"),
                                attribute("then_branch", 6, branch)));
            }
            case "weight is shared" ->
                    graph.message(1, node("Conv", "other", names("x", "w"), names("z2")));
            case "weight is an output" -> graph.message(12, value("w"));
            default -> {}
        }
    }

    @ParameterizedTest
    @CsvSource({
        "Conv, pads, pads with zeros",
        "Conv, auto_pad, pads with zeros",
        "ConvTranspose, none, transposed convolution",
        "Gemm, transA, transposes its input",
        "MatMul, none, does not state that the input",
    })
    void whatDoesNotFoldBehindALayerIsLeftWithItsReason(String operator, String with, String reason)
            throws IOException {
        OnnxWriter graph = message();
        normalize(graph, "bn", "x", "n", 2);
        OnnxWriter setting =
                switch (with) {
                    case "pads" -> attribute("pads", 0, 1);
                    case "auto_pad" -> attribute("auto_pad", "SAME_LOWER");
                    case "transA" -> attribute("transA", 1);
                    default -> attribute("nothing", 1);
                };
        graph.message(1, node(operator, "linear", names("n", "w"), names("y"), setting));
        parameter(graph, "w", operator.startsWith("Conv") ? tensor(2, 2, 1) : tensor(2, 2));
        FoldedFile folded = fold(graph.message(12, value("y")));
        assertThat(folded.reasons().get("bn")).contains(reason);
    }

    @ParameterizedTest
    @CsvSource({
        "1, training mode",
        "6, training mode",
        "7, ''",
        "13, ''",
        "14, ''",
        "21, ''",
    })
    void theOpsetDecidesWhatIsTraining(int opset, String reason) throws IOException {
        OnnxWriter graph = message();
        graph.message(1, node("Conv", "conv", names("x", "w"), names("c")));
        normalize(graph, "bn", "c", "y", 2);
        parameter(graph, "w", tensor(2, 2, 1));
        FoldedFile folded = foldModel(model(opset, graph.message(12, value("y"))));
        assertThat(folded.reasons().getOrDefault("bn", "")).contains(reason);
        assertThat(folded.reasons().isEmpty()).isEqualTo(reason.isEmpty());
    }

    /// Fields are in any order, and unknown ones stay.
    @Test
    void everythingElseKeepsItsBytes() throws IOException {
        OnnxWriter graph = message().text(10, "documentation of the graph").text(999, "unknown");
        graph.message(
                1,
                node("Conv", "conv", names("x", "w"), names("c"))
                        .text(6, "documentation of the node")
                        .text(777, "unknown"));
        graph.message(
                5,
                message()
                        .text(12, "documentation")
                        .text(8, "w")
                        .bytes(9, OnnxWriter.elements(tensor(2, 2, 1)))
                        .bytes(1, new byte[] {2, 2, 1})
                        .integer(2, 1)
                        .text(555, "unknown"));
        normalize(graph, "bn", "c", "y", 2);
        graph.message(1, node("Exp", "last", names("y"), names("z")).number(444, 1));
        parameter(graph, "unused", tensor(3));
        graph.message(12, value("z")).message(13, value("c")).message(13, value("y"));
        OnnxWriter model =
                model(15, graph)
                        .message(14, message().text(1, "key").text(2, "value"))
                        .text(888, "unknown");
        FoldedFile folded = foldModel(model);
        String before = latin(folded.original());
        String after = latin(folded.file());
        for (String kept :
                new String[] {
                    "documentation of the graph",
                    "documentation of the node",
                    "unknown",
                    "documentation",
                    "unused",
                    "a test",
                    "key",
                    "value",
                    "last"
                }) {
            assertThat(count(after, kept)).as(kept).isEqualTo(count(before, kept));
        }
        String tail = before.substring(before.indexOf("last") - 10);
        assertThat(after).contains(tail.substring(0, 30));
        assertThat(folded.difference(Map.of("x", tensor(2, 2, 3)))).isLessThan(FP32);
        try (FileChannel file = FileChannel.open(folded.file())) {
            assertThat(OnnxModel.read(file, bytes -> {}).graph().values()).containsOnlyKeys("y");
        }
    }

    private static String latin(Path file) throws IOException {
        return Files.readString(file, StandardCharsets.ISO_8859_1);
    }

    private static int count(String text, String part) {
        return text.split(Pattern.quote(part), -1).length - 1;
    }

    @Test
    void aGraphInABranchIsLeft() throws IOException {
        OnnxWriter branch = message();
        branch.message(1, node("Conv", "conv", names("x", "w"), names("c")));
        normalize(branch, "bn", "c", "y", 2);
        parameter(branch, "w", tensor(2, 2, 1));
        OnnxWriter graph =
                message()
                        .message(
                                1,
                                node(
                                        "If",
                                        "if",
                                        names("q"),
                                        names("z"),
                                        attribute("then_branch", 6, branch)));
        assertThat(fold(graph).reasons().get("bn")).contains("in a graph of the node if");
    }

    @Test
    void numbersThatOverflowTheTypeAreLeft() throws IOException {
        OnnxWriter graph = message();
        graph.message(1, node("Conv", "conv", names("x", "w"), names("c")));
        graph.message(
                        1,
                        node(
                                "BatchNormalization",
                                "bn",
                                names("c", "s", "b", "m", "v"),
                                names("y")))
                .message(5, vector("s", 1e30))
                .message(5, vector("b", 0))
                .message(5, vector("m", 0))
                .message(5, vector("v", 1))
                .message(5, vector("w1", 1e30));
        parameter(graph, "w", Tensor.of(Shape.of(1, 1, 1), 1e30f));
        FoldedFile folded = fold(graph.message(12, value("y")));
        assertThat(folded.reasons().get("bn")).contains("overflows FP32");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {"conv_bn.onnx", "conv_transpose_bn.onnx", "gemm_bn.onnx", "bn_first.onnx"})
    void damagedFilesAreFoldedOrRefused(String name) throws IOException {
        byte[] original;
        try (InputStream file = resource(name)) {
            original = file.readAllBytes();
        }
        for (int round = 0; round < 300; round++) {
            byte[] damaged = original.clone();
            for (int i = 0; i < 1 + random.nextInt(3); i++) {
                damaged[random.nextInt(damaged.length)] = (byte) random.nextInt(256);
            }
            Path file = OnnxWriter.save(directory, damaged);
            try (FileChannel source = FileChannel.open(file);
                    ScratchFile scratch = ScratchFile.create()) {
                OnnxFolding.fold(source, scratch, new Codec.Limits(1 << 16, 16))
                        .content()
                        .writeTo(OutputStream.nullOutputStream());
            } catch (MalformedTensor | BodyTooLarge refused) {
                assertThat(refused.getMessage()).hasSizeLessThan(500);
            }
            Files.delete(file);
        }
    }
}
