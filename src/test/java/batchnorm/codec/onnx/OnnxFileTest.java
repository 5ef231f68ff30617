package batchnorm.codec.onnx;

import static batchnorm.codec.onnx.OnnxWriter.attribute;
import static batchnorm.codec.onnx.OnnxWriter.header;
import static batchnorm.codec.onnx.OnnxWriter.message;
import static batchnorm.codec.onnx.OnnxWriter.model;
import static batchnorm.codec.onnx.OnnxWriter.node;
import static batchnorm.codec.onnx.OnnxWriter.tensor;
import static batchnorm.codec.onnx.OnnxWriter.value;
import static batchnorm.codec.onnx.OnnxWriter.vector;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import batchnorm.codec.BodyTooLarge;
import batchnorm.codec.Checkpoint;
import batchnorm.codec.Codec;
import batchnorm.codec.LayerSettings;
import batchnorm.codec.MalformedTensor;
import batchnorm.codec.Wanted;
import batchnorm.fixtures.RandomSeed;
import batchnorm.tensor.DataType;
import batchnorm.tensor.Shape;
import batchnorm.tensor.Tensor;
import com.google.protobuf.CodedOutputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Map;
import java.util.Objects;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class OnnxFileTest {
    private static final Codec.Limits LIMITS = new Codec.Limits(1 << 16, 16);
    private static final float SUBNORMAL = Float.intBitsToFloat(0x12345);
    private static final String[] INPUTS = {"x", "s", "b", "m", "v"};

    @TempDir private Path directory;

    private Checkpoint read(OnnxWriter model) throws IOException {
        return read(model.toBytes(), Wanted.ALL, LIMITS);
    }

    private Checkpoint read(byte[] model, Wanted wanted, Codec.Limits limits) throws IOException {
        try (FileChannel file = FileChannel.open(OnnxWriter.save(directory, model))) {
            return OnnxFile.read(file, wanted, limits);
        }
    }

    private static OnnxWriter batchNorm(String name, OnnxWriter... attributes) {
        return node("BatchNormalization", name, INPUTS, new String[] {"y"}, attributes);
    }

    private static OnnxWriter graph(OnnxWriter node) {
        return message()
                .message(1, node)
                .message(5, vector("s", 1.5, -2))
                .message(5, vector("b", 0.1, 0.2))
                .message(5, vector("m", 3, 4))
                .message(5, vector("v", 0.5, 0.25));
    }

    private static double[] numbers(Checkpoint checkpoint, String name) {
        return ((Tensor) Objects.requireNonNull(checkpoint.state().values().get(name))).toDoubles();
    }

    @Test
    void aNodeWithoutANameHasThatOfItsOutput() throws IOException {
        Checkpoint checkpoint = read(model(15, graph(batchNorm(""))));
        assertThat(numbers(checkpoint, "y/scale")).containsExactly(1.5, -2);
        assertThat(numbers(checkpoint, "y/input_var")).containsExactly(0.5, 0.25);
        assertThat(checkpoint.settings())
                .containsExactly(Map.entry("y", new LayerSettings(1e-5, 0.9, 1)));
    }

    @ParameterizedTest
    @ValueSource(ints = {1, 6, 7, 9, 14, 15, 21})
    void settingsAreTheAttributes(int opset) throws IOException {
        Checkpoint checkpoint =
                read(
                        model(
                                opset,
                                graph(
                                        batchNorm(
                                                "bn",
                                                attribute("epsilon", 1e-3f),
                                                attribute("momentum", 0.5f),
                                                attribute("training_mode", 1)))));
        assertThat(checkpoint.settings())
                .containsEntry("bn", new LayerSettings((double) 1e-3f, 0.5, 1));
    }

    @Test
    void everyFormOfElementsIsReadExactly() throws IOException {
        OnnxWriter graph =
                message()
                        .message(1, batchNorm("bn"))
                        .message(
                                5,
                                header("s", OnnxTensor.FLOAT, 3)
                                        .bytes(
                                                4,
                                                OnnxWriter.elements(
                                                        Tensor.of(
                                                                Shape.of(3),
                                                                1 / 3f,
                                                                -0f,
                                                                SUBNORMAL))))
                        .message(
                                5,
                                header("b", OnnxTensor.DOUBLE, 3)
                                        .wide(10, 1 / 3.0)
                                        .wide(10, Double.MIN_VALUE)
                                        .wide(10, -1e300))
                        .message(
                                5,
                                header("m", OnnxTensor.FLOAT16, 3)
                                        .bytes(5, varints(0x3555, 0xFBFF, 0x0001)))
                        .message(
                                5,
                                header("v", OnnxTensor.BFLOAT16, 3)
                                        .integer(5, 0x3EAB)
                                        .integer(5, 0x0001)
                                        .integer(5, 0x7F7F));
        Checkpoint checkpoint = read(model(15, graph));
        assertThat(numbers(checkpoint, "bn/scale")).containsExactly(1 / 3f, -0.0, SUBNORMAL);
        assertThat(numbers(checkpoint, "bn/B")).containsExactly(1 / 3.0, Double.MIN_VALUE, -1e300);
        assertThat(numbers(checkpoint, "bn/input_mean"))
                .containsExactly(0x1.554p-2, -65504, 0x1p-24);
        assertThat(numbers(checkpoint, "bn/input_var"))
                .containsExactly(0x1.56p-2, 0x1p-133, 0x1.fep127);
    }

    private static byte[] varints(int... values) throws IOException {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        CodedOutputStream out = CodedOutputStream.newInstance(bytes);
        for (int each : values) {
            out.writeUInt32NoTag(each);
        }
        out.flush();
        return bytes.toByteArray();
    }

    @ParameterizedTest
    @ValueSource(strings = {"FP64", "FP32", "FP16", "BF16"})
    void rawElementsOfEveryTypeAreReadExactly(DataType type) throws IOException {
        Tensor values =
                type == DataType.FP64
                        ? Tensor.of(Shape.of(2), 1 / 3.0, -7.25)
                        : Tensor.of(Shape.of(2), type, new float[] {type.narrow(1 / 3.0), -7.25f});
        OnnxWriter graph =
                message()
                        .message(1, batchNorm("bn"))
                        .message(5, tensor("s", values))
                        .message(5, tensor("b", values))
                        .message(5, tensor("m", values))
                        .message(5, tensor("v", values));
        Checkpoint checkpoint = read(model(15, graph));
        assertThat(numbers(checkpoint, "bn/input_mean")).containsExactly(values.toDoubles());
    }

    @Test
    void constantNodesAndIdentitiesGiveParameters() throws IOException {
        OnnxWriter graph =
                message()
                        .message(
                                1,
                                node(
                                        "Constant",
                                        "",
                                        new String[0],
                                        new String[] {"s"},
                                        attribute("value", 5, vector("", 1, 2))))
                        .message(1, node("Identity", "", new String[] {"s"}, new String[] {"m"}))
                        .message(1, batchNorm("bn"))
                        .message(5, vector("b", 3, 4))
                        .message(5, vector("v", 5, 6))
                        .message(5, vector("other", 7));
        Checkpoint checkpoint = read(model(15, graph));
        assertThat(numbers(checkpoint, "bn/scale")).containsExactly(1, 2);
        assertThat(numbers(checkpoint, "bn/input_mean")).containsExactly(1, 2);
        assertThat(checkpoint.skipped()).containsExactly("other");
    }

    @Test
    void aGraphInABranchSeesTheConstantsAround() throws IOException {
        OnnxWriter branch = message().message(1, batchNorm("inner")).message(5, vector("v", 9, 8));
        OnnxWriter graph =
                graph(
                        node(
                                "If",
                                "if",
                                new String[] {"c"},
                                new String[] {"z"},
                                attribute("then_branch", 6, branch)));
        Checkpoint checkpoint = read(model(15, graph));
        assertThat(numbers(checkpoint, "inner/scale")).containsExactly(1.5, -2);
        assertThat(numbers(checkpoint, "inner/input_var")).containsExactly(9, 8);
    }

    @Test
    void nodesOfOneNameAreToldApartByTheirOutputs() throws IOException {
        OnnxWriter second = node("BatchNormalization", "bn", INPUTS, new String[] {"z"});
        Checkpoint checkpoint = read(model(15, graph(batchNorm("bn")).message(1, second)));
        assertThat(checkpoint.settings()).containsOnlyKeys("bn", "z");
    }

    @Test
    void whatIsNoConstantIsUnreadableWithItsReason() throws IOException {
        OnnxWriter graph =
                message()
                        .message(1, node("Exp", "exp", new String[] {"q"}, new String[] {"m"}))
                        .message(1, batchNorm("bn"))
                        .message(5, header("b", 7, 2).bytes(9, new byte[16]))
                        .message(5, vector("v", 5, 6))
                        .message(11, value("s", 2));
        Checkpoint checkpoint = read(model(15, graph));
        assertThat(checkpoint.unreadable().get("bn/scale")).contains("an input of the graph");
        assertThat(checkpoint.unreadable().get("bn/input_mean")).contains("\"exp\" (\"Exp\")");
        assertThat(checkpoint.unreadable().get("bn/B")).contains("type 7");
        assertThat(checkpoint.state().values()).containsOnlyKeys("bn/input_var");
    }

    @Test
    void elementsInAnotherFileAreRefusedWithTheRemedy() {
        OnnxWriter outside =
                header("s", OnnxTensor.FLOAT, 2)
                        .message(13, message().text(1, "location").text(2, "/etc/passwd"))
                        .integer(14, 1);
        OnnxWriter graph = message().message(1, batchNorm("bn")).message(5, outside);
        assertThatThrownBy(() -> read(model(15, graph)))
                .isInstanceOf(MalformedTensor.class)
                .hasMessageContaining("\"bn/scale\"")
                .hasMessageContaining("save_as_external_data=False");
    }

    @Test
    void elementsThatDoNotFitTheShapeAreRefused() {
        for (OnnxWriter wrong :
                new OnnxWriter[] {
                    header("s", OnnxTensor.FLOAT, 3).bytes(9, new byte[8]),
                    header("s", OnnxTensor.FLOAT, 3),
                    header("s", OnnxTensor.FLOAT, -3),
                    header("s", OnnxTensor.FLOAT, 1L << 40),
                    header("s", OnnxTensor.FLOAT, 2).wide(10, 1).wide(10, 2),
                    header("s", OnnxTensor.FLOAT, 2).number(4, 1).bytes(9, new byte[8]),
                    header("s", OnnxTensor.FLOAT16, 3).integer(5, 1).integer(5, 1),
                    header("s", OnnxTensor.FLOAT16, 1).integer(5, 1).integer(5, 1),
                }) {
            OnnxWriter graph = message().message(1, batchNorm("bn")).message(5, wrong);
            assertThatThrownBy(() -> read(model(15, graph)))
                    .isInstanceOf(MalformedTensor.class)
                    .hasMessageContaining("\"s\"");
        }
    }

    @Test
    void theSelectedTensorsAreBounded() {
        byte[] model = model(15, graph(batchNorm("bn"))).toBytes();
        assertThatThrownBy(() -> read(model, Wanted.ALL, new Codec.Limits(1, 16)))
                .isInstanceOf(BodyTooLarge.class);
    }

    @Test
    void aLengthBeyondTheFileIsRefusedBeforeMemoryIsSpent() {
        byte[] lying = {8, 8, 0x3A, (byte) 0xFF, (byte) 0xFF, (byte) 0xFF, (byte) 0xFF, 7, 1, 2};
        assertThatThrownBy(() -> read(lying, Wanted.ALL, LIMITS))
                .isInstanceOf(MalformedTensor.class)
                .hasMessageContaining("field 7 has a length of 2147483647 bytes")
                .hasMessageContaining("2 left");
    }

    @Test
    void graphsNestedWithoutEndAreRefused() {
        OnnxWriter graph = message();
        for (int depth = 0; depth < 200; depth++) {
            graph =
                    message()
                            .message(
                                    1,
                                    node(
                                            "If",
                                            "",
                                            new String[0],
                                            new String[0],
                                            attribute("else_branch", 6, graph)));
        }
        OnnxWriter deep = graph;
        assertThatThrownBy(() -> read(model(15, deep)))
                .isInstanceOf(MalformedTensor.class)
                .hasMessageContaining("nested more than");
    }

    @Test
    void groupsNestedWithoutEndAreRefused() {
        byte[] bomb = new byte[100_000];
        Arrays.fill(bomb, (byte) (30 << 3 & 0x7F | 3));
        bomb[0] = 8;
        bomb[1] = 8;
        assertThatThrownBy(() -> read(bomb, Wanted.ALL, LIMITS))
                .isInstanceOf(MalformedTensor.class);
    }

    /// A node of two bytes takes many times as much memory.
    @Test
    void memoryIsCountedBeforeItIsSpent() {
        byte[] nodes = new byte[1 << 20];
        for (int i = 0; i < nodes.length; i += 2) {
            nodes[i] = 1 << 3 | 2;
        }
        byte[] model = message().integer(1, 8).text(2, "").bytes(7, nodes).toBytes();
        long[] reserved = {0};
        Codec.Limits limits =
                new Codec.Limits(
                        1 << 16,
                        16,
                        bytes -> {
                            reserved[0] += bytes;
                            if (reserved[0] > 1 << 20) {
                                throw new BodyTooLarge("enough");
                            }
                        });
        assertThatThrownBy(() -> read(model, Wanted.ALL, limits)).isInstanceOf(BodyTooLarge.class);
        assertThat(reserved[0]).isLessThan(2 << 20);
    }

    @Test
    void moreNodesThanAnyModelHasAreRefused() {
        byte[] nodes = new byte[3 << 20];
        for (int i = 0; i < nodes.length; i += 2) {
            nodes[i] = 1 << 3 | 2;
        }
        byte[] model = message().integer(1, 8).text(2, "").bytes(7, nodes).toBytes();
        assertThatThrownBy(() -> read(model, Wanted.ALL, LIMITS))
                .isInstanceOf(MalformedTensor.class)
                .hasMessageContaining("more than 1048576 nodes");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {"conv_bn.onnx", "conv_transpose_bn.onnx", "gemm_bn.onnx", "bn_first.onnx"})
    void damagedFilesAreReadOrRefused(String name) throws IOException {
        Random random = RandomSeed.random(name.hashCode());
        byte[] original = resource(name);
        for (int round = 0; round < 300; round++) {
            byte[] damaged = damaged(original, random);
            try {
                Checkpoint read = read(damaged, Wanted.ALL, LIMITS);
                assertThat(read).isNotNull();
            } catch (MalformedTensor | BodyTooLarge refused) {
                assertThat(refused.getMessage()).hasSizeLessThan(500);
            }
        }
    }

    /// Returns a copy that is cut, or has bytes changed, or a part of it removed or repeated.
    static byte[] damaged(byte[] original, Random random) {
        byte[] copy = original.clone();
        int at = random.nextInt(copy.length);
        switch (random.nextInt(4)) {
            case 0 -> copy = Arrays.copyOf(copy, at);
            case 1 -> {
                for (int i = 0; i < 1 + random.nextInt(4); i++) {
                    copy[random.nextInt(copy.length)] = (byte) random.nextInt(256);
                }
            }
            case 2 -> copy[Math.min(at, 200) % copy.length] ^= (byte) (1 << random.nextInt(8));
            default -> {
                int from = random.nextInt(copy.length);
                int length = Math.min(random.nextInt(64), copy.length - Math.max(at, from));
                System.arraycopy(original, from, copy, at, Math.max(length, 0));
            }
        }
        return copy;
    }

    private static byte[] resource(String name) throws IOException {
        try (InputStream file =
                Objects.requireNonNull(
                        OnnxFileTest.class.getResourceAsStream("/checkpoints/" + name))) {
            return file.readAllBytes();
        }
    }
}
