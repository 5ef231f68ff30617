package batchnorm.cli;

import static org.assertj.core.api.Assertions.assertThat;

import batchnorm.codec.Message;
import batchnorm.codec.safetensors.SafetensorsCodec;
import batchnorm.tensor.Shape;
import batchnorm.tensor.Tensor;
import java.io.IOException;
import java.io.OutputStream;
import java.io.RandomAccessFile;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import picocli.CommandLine;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/// Runs commands in this process, on files that the frameworks themselves wrote.
class CommandLineTest {
    private static final Path FILES = Path.of("src/test/resources/checkpoints");
    private static final String PYTORCH = file("state_dict.pth");
    private final Path directory;

    CommandLineTest(@TempDir Path directory) {
        this.directory = directory;
    }

    private static String file(String name) {
        return FILES.resolve(name).toString();
    }

    private String output(String name) {
        return directory.resolve(name).toString();
    }

    @Test
    void inspectPrintsALineForEachLayer() {
        Run run = Run.of("inspect", PYTORCH);
        assertThat(run.code()).isZero();
        assertThat(run.err()).isEmpty();
        assertThat(run.out().lines().toList())
                .containsExactly(
                        PYTORCH
                                + ": pytorch, 3 batch-normalization layers, tensors named as in pytorch",
                        "layer     features  datatype  epsilon  momentum  batches  warnings",
                        "block.bn  6         FP32      -        -         201      -",
                        "head_bn   5         FP32      -        -         542      -",
                        "stem.1    4         FP32      -        -         180      -");
    }

    /// One file: the response of the service. Several: a line for each.
    @Test
    void inspectPrintsJsonForPrograms() {
        Run one = Run.of("inspect", "--json", PYTORCH);
        assertThat(one.code()).isZero();
        JsonNode inspection = JsonMapper.shared().readTree(one.out());
        assertThat(inspection.get("format").stringValue()).isEqualTo("pytorch");
        assertThat(inspection.get("layers")).hasSize(3);
        assertThat(inspection.at("/layers/1/num_batches_tracked").longValue()).isEqualTo(542);
        assertThat(inspection.at("/layers/1/gamma").isMissingNode()).isTrue();
        JsonNode vectors =
                JsonMapper.shared()
                        .readTree(Run.of("inspect", "--json", "--vectors", PYTORCH).out());
        assertThat(vectors.at("/layers/1/gamma")).hasSize(5);
        Run several = Run.of("inspect", "--json", file("evil.pth"), PYTORCH);
        assertThat(several.code()).isEqualTo(2);
        assertThat(several.out().lines().map(JsonMapper.shared()::readTree))
                .satisfiesExactly(
                        evil -> assertThat(evil.get("error").stringValue()).contains("never run"),
                        good -> {
                            assertThat(good.get("file").stringValue()).isEqualTo(PYTORCH);
                            assertThat(good.get("inspection")).isEqualTo(inspection);
                        });
    }

    @Test
    void inspectExitsWithOneForWarningsUnlessTheCallerDeclines() throws IOException {
        String bad =
                layers(
                        "bad.safetensors",
                        Map.of("bn", new double[][] {{1, 1}, {0, 0}, {3, Double.NaN}, {1, -1}}));
        Run run = Run.of("inspect", bad);
        assertThat(run.code()).isEqualTo(1);
        assertThat(run.out())
                .contains("bn: non-finite: ", "running_mean[1]", "bn: negative-variance: ");
        assertThat(Run.of("inspect", "--exit-zero", bad))
                .extracting(Run::code, Run::out)
                .containsExactly(0, run.out());
    }

    @Test
    void inspectGoesOnAfterAFileThatCannotBeRead() throws IOException {
        Path cut = directory.resolve("cut.pth");
        byte[] whole = Files.readAllBytes(Path.of(PYTORCH));
        Files.write(cut, Arrays.copyOf(whole, whole.length / 2));
        Run run =
                Run.of(
                        "inspect",
                        output("absent.pth"),
                        directory.toString(),
                        cut.toString(),
                        file("evil.pth"),
                        PYTORCH);
        assertThat(run.code()).isEqualTo(2);
        assertThat(run.out()).startsWith(PYTORCH + ": pytorch, 3");
        assertThat(run.err().lines().toList())
                .hasSize(4)
                .allMatch(line -> line.startsWith("batchnorm: "))
                .satisfiesExactly(
                        line -> assertThat(line).endsWith("absent.pth: no such file"),
                        line -> assertThat(line).endsWith(": is a directory"),
                        line -> assertThat(line).contains("cut.pth: "),
                        line -> assertThat(line).contains("evil.pth: ", "never run"));
    }

    /// Formats that are read front to back, and one that is copied to disk first.
    @ParameterizedTest
    @ValueSource(strings = {"state_dict.pth", "legacy.pth", "pytorch.safetensors", "flax.npz"})
    void aMinusIsTheStandardInput(String name) throws IOException {
        Run named = Run.of("inspect", file(name));
        Run piped = Run.withInput(Files.readAllBytes(FILES.resolve(name)), "inspect", "-");
        assertThat(piped.code()).isEqualTo(named.code());
        assertThat(piped.out()).isEqualTo(named.out().replace(file(name) + ": ", "-: "));
    }

    @Test
    void namesFromAFileCannotControlATerminal() throws IOException {
        String evil =
                layers(
                        "evil.safetensors",
                        Map.of("\u001b[2Jbn\u202e", new double[][] {{1}, {0}, {5}, {0}}));
        Run run = Run.of("inspect", evil);
        assertThat(run.out()).contains("\uFFFD[2Jbn\uFFFD").doesNotContain("\u001b", "\u202e");
    }

    /// All vectors are equal bit by bit after the names of another framework.
    @ParameterizedTest
    @CsvSource({"keras, a.npz", "flax, b.safetensors", "pytorch, c.safetensors", "onnx, d.npz"})
    void convertCarriesEveryNumberToTheNamesOfAnotherFramework(String framework, String name)
            throws IOException {
        Run there = Run.of("convert", PYTORCH, output(name), "--to", framework);
        assertThat(there.code()).as(there.err()).isZero();
        assertThat(there.out()).isEmpty();
        assertThat(there.err()).contains(name + ": 3 layers, tensors named as in " + framework);
        Run back = Run.of("convert", output(name), output("back.safetensors"), "--to", "pytorch");
        assertThat(back.code()).as(back.err()).isZero();
        Run direct = Run.of("convert", PYTORCH, output("direct.safetensors"));
        assertThat(direct.code()).isZero();
        byte[] expected = Files.readAllBytes(directory.resolve("direct.safetensors"));
        byte[] actual = Files.readAllBytes(directory.resolve("back.safetensors"));
        if (framework.equals("pytorch")) {
            assertThat(actual).isEqualTo(expected);
        } else {
            // The counts are the only numbers that are lost.
            assertThat(there.err()).contains("num_batches_tracked: " + framework);
            assertThat(floats(actual)).isEqualTo(floats(expected));
        }
    }

    /// Returns the FP32 numbers, which the file ends in; counts precede them.
    private static byte[] floats(byte[] file) {
        int bytes = (6 + 5 + 4) * 4 * Float.BYTES;
        return Arrays.copyOfRange(file, file.length - bytes, file.length);
    }

    @Test
    void convertWritesToTheStandardOutputWithNothingElse() throws IOException {
        Run run = Run.of("convert", PYTORCH, "-");
        assertThat(run.code()).isZero();
        Run.of("convert", PYTORCH, output("whole.safetensors"));
        assertThat(run.bytes())
                .isEqualTo(Files.readAllBytes(directory.resolve("whole.safetensors")));
    }

    @Test
    void anExistingFileIsReplacedOnlyOnRequest() throws IOException {
        Path target = Files.writeString(directory.resolve("out.safetensors"), "mine");
        Run refused = Run.of("convert", PYTORCH, target.toString());
        assertThat(refused.code()).isEqualTo(2);
        assertThat(refused.err()).contains("out.safetensors: exists; --force replaces it");
        assertThat(target).hasContent("mine");
        assertThat(Run.of("convert", "--force", PYTORCH, target.toString()).code()).isZero();
        assertThat(Run.of("inspect", target.toString()).code()).isZero();
        try (var files = Files.list(directory)) {
            assertThat(files).as("no part is left").containsExactly(target);
        }
    }

    @Test
    void convertToALesserDatatypeSaysSoOrRefuses() throws IOException {
        String wide =
                layers("wide.safetensors", Map.of("bn", new double[][] {{0.1}, {0}, {0}, {1}}));
        assertThat(Run.of("convert", wide, output("same.safetensors")).err())
                .doesNotContain("rounded");
        assertThat(Run.of("convert", "--datatype=FP32", wide, output("a.safetensors")).err())
                .contains("rounded to FP32");
        Run exact = Run.of("convert", "--datatype=FP32", "--exact", wide, output("b.safetensors"));
        assertThat(exact.code()).isEqualTo(2);
        assertThat(exact.err()).contains("wide.safetensors: gamma[0]");
        assertThat(directory.resolve("b.safetensors")).doesNotExist();
    }

    @Test
    void foldWritesAModelWithoutBatchNormalizationAndReportsIt() {
        Run run = Run.of("fold", PYTORCH, output("folded.safetensors"), "--json");
        assertThat(run.code()).as(run.err()).isZero();
        assertThat(run.out())
                .isEqualTo(
                        "{\"folded\":[{\"node\":\"stem.1\",\"into\":\"stem.0\"},"
                                + "{\"node\":\"block.bn\",\"into\":\"block.conv\"},"
                                + "{\"node\":\"head_bn\",\"into\":\"head\"}],\"left\":[],\"dropped\":[]}"
                                + System.lineSeparator());
        assertThat(Run.of("inspect", output("folded.safetensors")))
                .satisfies(folded -> {
                    assertThat(folded.code()).isEqualTo(2);
                    assertThat(folded.err()).contains("no batch normalization");
                });
    }

    @Test
    void verifyNamesTheMistakeOfAFold() {
        String folded = output("verified.safetensors");
        assertThat(Run.of("fold", PYTORCH, folded).code()).isZero();
        Run right = Run.of("verify", PYTORCH, folded);
        assertThat(right.code()).isZero();
        assertThat(right.out()).contains("stem.1 into stem.0: right, within the rounding of FP32");

        Run otherEpsilon = Run.of("verify", PYTORCH, folded, "--epsilon=0.1");
        assertThat(otherEpsilon.code()).isEqualTo(1);
        assertThat(otherEpsilon.out()).contains("stem.1 into stem.0: epsilon-other: ");

        Run unfolded = Run.of("verify", PYTORCH, PYTORCH, "--json");
        assertThat(unfolded.code()).isEqualTo(1);
        assertThat(unfolded.out())
                .contains(
                        "{\"path\":\"stem.1\",\"into\":\"stem.0\",\"verification\":{\"exact\":false")
                .contains("\"mistake\":\"weight-unchanged\"");
        assertUnusable(
                "has no tensor \"stem.0.weight\"", "verify", PYTORCH, file("flax.safetensors"));
    }

    @Test
    void foldSaysWhyALayerOfAModelIsLeft() throws IOException {
        Run whole = Run.of("fold", file("conv_bn.onnx"), output("folded.onnx"));
        assertThat(whole.code()).isZero();
        assertThat(whole.err()).contains("bn1: folded into", "2 folded, 0 left");
        Run some = Run.of("fold", file("bn_first.onnx"), "-");
        assertThat(some.code()).isZero();
        assertThat(some.err()).contains("bn1: left: ", "pads with zeros", "1 folded, 1 left");
        Run.of("fold", file("bn_first.onnx"), output("first.onnx"));
        assertThat(some.bytes()).isEqualTo(Files.readAllBytes(directory.resolve("first.onnx")));
        assertUnusable("pairs must be", "fold", PYTORCH, "o", "--pairs=stem");
        assertUnusable("standard output", "fold", PYTORCH, "-", "--json");
    }

    @Test
    void aggregatePoolsTheLayersOfSeveralFiles() throws IOException {
        String first =
                layers("first.safetensors", Map.of("bn", new double[][] {{1}, {0}, {0}, {1}}));
        String second =
                layers("second.safetensors", Map.of("bn", new double[][] {{2}, {4}, {4}, {5}}));
        String pooled = output("pooled.safetensors");
        Run run = Run.of("aggregate", "--weights=3,1", first, second, pooled);
        assertThat(run.code()).as(run.err()).isZero();
        Path expected =
                Path.of(
                        layers(
                                "expected.safetensors",
                                Map.of("bn", new double[][] {{1.25}, {1}, {1}, {5}})));
        assertThat(Run.of("convert", expected.toString(), output("e.safetensors")).code()).isZero();
        assertThat(directory.resolve("pooled.safetensors"))
                .hasSameBinaryContentAs(directory.resolve("e.safetensors"));
    }

    @Test
    void aggregateNamesTheFileThatDiffers() throws IOException {
        double[][] state = {{1}, {0}, {0}, {1}};
        String first = layers("first.safetensors", Map.of("bn", state));
        String more = layers("more.safetensors", Map.of("bn", state, "bn2", state));
        String nan =
                layers(
                        "nan.safetensors",
                        Map.of("bn", new double[][] {{1}, {0}, {0}, {Double.NaN}}));
        String wide =
                layers(
                        "wide.safetensors",
                        Map.of("bn", new double[][] {{1, 1}, {0, 0}, {0, 0}, {1, 1}}));
        assertUnusable("first.safetensors: has no layer \"bn2\"", "aggregate", first, more, "o");
        assertUnusable("nan.safetensors: bn: running_var[0] is NaN", "aggregate", first, nan, "o");
        assertUnusable("wide.safetensors: bn has a vector of 2", "aggregate", first, wide, "o");
        assertUnusable("--weights has 1 numbers", "aggregate", "--weights=1", first, first, "o");
        assertUnusable("--weights[1] is -1", "aggregate", "--weights=1,-1", first, first, "o");
        assertUnusable(
                "keep",
                "aggregate",
                "--policy=keep",
                "--parameters=keep",
                "--counters=keep",
                first,
                first,
                "o");
        assertUnusable("all weights are 0", "aggregate", "--weights=0,0", first, first, "o");
    }

    private static void assertUnusable(String reason, String... arguments) {
        Run run = Run.of(arguments);
        assertThat(run.code()).as(run.err()).isEqualTo(2);
        assertThat(run.err()).contains(reason).doesNotContain("Exception", "\tat ");
        assertThat(Path.of("o")).doesNotExist();
    }

    @Test
    void vectorsAreThoseOfTheService() throws IOException {
        Run json = Run.of("vectors", "keras");
        assertThat(json.code()).isZero();
        assertThat(json.out())
                .startsWith("{\"vectors_version\":1,")
                .contains("\"convention\":\"keras\"");
        assertThat(Run.of("vectors", "keras", output("v.npz"), "--format", "npz").code()).isZero();
        assertThat(Files.readAllBytes(directory.resolve("v.npz"))).startsWith('P', 'K');
        assertUnusable("convention", "vectors", "unknown");
    }

    @ParameterizedTest
    @CsvSource({
        "foo, Unmatched argument at index 0: 'foo'",
        "inspect, Missing required parameter: 'FILE'",
        "convert, Missing required parameters",
        "aggregate a, requires at least 2 values",
        "inspect --framework=tf a, framework must be one of",
        "convert --datatype=FP16 a b, FP16",
    })
    void aWrongCommandPrintsHelpAndExitsWithTwo(String command, String reason) {
        Run run = Run.of(command.split(" "));
        assertThat(run.code()).isEqualTo(2);
        assertThat(run.out()).isEmpty();
        assertThat(run.err()).contains(reason, "Usage: batchnorm");
    }

    @Test
    void helpIsNoError() {
        for (String[] help :
                List.of(new String[] {"help"}, new String[] {"--help"}, new String[] {"-h"})) {
            Run run = Run.of(help);
            assertThat(run.code()).isZero();
            assertThat(run.out()).contains("inspect", "convert", "aggregate", "vectors", "serve");
        }
        assertThat(Run.of("--version").out()).startsWith("batchnorm ");
    }

    /// A person sees how much has been read, and then nothing of it.
    @Test
    void aLongFileShowsItsProgressOnATerminalOnly() throws IOException {
        String large =
                layers("large.safetensors", Map.of("bn", new double[][] {{1}, {0}, {5}, {2}}));
        appendTensor(Path.of(large), 70_000_000);
        Run shown = Run.onTerminal("inspect", large);
        assertThat(shown.code()).as(shown.err()).isZero();
        assertThat(shown.err()).contains("\r" + large + ": 50 %").endsWith("\r\u001b[K");
        assertThat(Run.of("inspect", large).err()).isEmpty();
    }

    /// Adds a tensor of zeros to a file, as a hole.
    private static void appendTensor(Path file, int bytes) throws IOException {
        try (RandomAccessFile content = new RandomAccessFile(file.toFile(), "rw")) {
            byte[] whole = Files.readAllBytes(file);
            int length = Math.toIntExact(Long.reverseBytes(content.readLong()));
            String header = new String(whole, 8, length, StandardCharsets.UTF_8);
            int end = whole.length - 8 - length;
            String longer =
                    header.stripTrailing().replaceFirst("}$", "")
                            + ",\"conv\":{\"dtype\":\"U8\",\"shape\":[%d],\"data_offsets\":[%d,%d]}}"
                                    .formatted(bytes, end, end + bytes);
            content.seek(0);
            content.writeLong(Long.reverseBytes(longer.length()));
            content.writeBytes(longer);
            content.write(whole, 8 + length, end);
            content.setLength(8L + longer.length() + end + bytes);
        }
    }

    /// The page has the help of each command.
    @Test
    void thePageHasTheHelpOfEveryCommand() throws IOException {
        Path page = Path.of("docs/command-line.md");
        String written = Files.readString(page);
        String expected = written;
        CommandLine commands =
                Commands.commandLine(
                        new StandardStreams(System.in, System.out, System.err, () -> false));
        for (Map.Entry<String, CommandLine> command : commands.getSubcommands().entrySet()) {
            if (!command.getKey().equals("help")) {
                Matcher block =
                        Pattern.compile("(?s)\n## " + command.getKey() + "\n.*?```\n(Usage.*?)```")
                                .matcher(expected);
                assertThat(block.find()).as(command.getKey()).isTrue();
                expected =
                        expected.substring(0, block.start(1))
                                + command.getValue().getUsageMessage()
                                + expected.substring(block.end(1));
            }
        }
        if (Boolean.getBoolean("commands.write")) {
            Files.writeString(page, expected);
        }
        assertThat(Files.readString(page))
                .as("./mvnw test -Dtest=CommandLineTest -Dcommands.write=true rewrites it")
                .isEqualTo(expected);
    }

    /// Writes layers with gamma, beta, running mean and running variance, as FP64.
    private String layers(String name, Map<String, double[][]> layers) throws IOException {
        List<String> words = List.of("weight", "bias", "running_mean", "running_var");
        Message state = new Message();
        layers.forEach((path, vectors) -> {
            for (int i = 0; i < vectors.length; i++) {
                state.with(
                        path + "." + words.get(i),
                        Tensor.of(Shape.of(vectors[i].length), vectors[i]));
            }
        });
        try (OutputStream target = Files.newOutputStream(directory.resolve(name))) {
            new SafetensorsCodec().encode(state, target);
        }
        return output(name);
    }
}
