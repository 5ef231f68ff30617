package batchnorm.service.checkpoints;

import static org.assertj.core.api.Assertions.assertThat;

import batchnorm.service.Answer;
import batchnorm.service.Client;
import batchnorm.service.ServiceUnderTest;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.util.HexFormat;
import java.util.List;
import java.util.Objects;
import java.util.stream.Collectors;
import java.util.zip.ZipEntry;
import java.util.zip.ZipOutputStream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import tools.jackson.databind.JsonNode;

/// Tests checkpoints of other programs: names of every framework, counts of any type, and foreign
/// arrays. `flax.npz` and `flax.safetensors` were written by Flax 0.12, and `foreign.npz` by NumPy
/// 2.4. `python2.npz` has the headers of Python 2.
@ExtendWith(ServiceUnderTest.Shared.class)
class ForeignCheckpointsTest {
    private static final String SAFETENSORS = "application/vnd.safetensors";
    private static final String NPZ = "application/x-npz";

    private final Client client;

    ForeignCheckpointsTest(Client client) {
        this.client = client;
    }

    @BeforeEach
    void deleteWhatOthersImported() throws IOException {
        for (JsonNode layer : client.get("/layers?limit=1000").json().get("layers")) {
            String name = layer.get("name").stringValue();
            if (name.startsWith("foreign")) {
                client.delete("/layers/" + name);
            }
        }
    }

    private static byte[] resource(String name) throws IOException {
        try (InputStream file =
                ForeignCheckpointsTest.class.getResourceAsStream("/checkpoints/" + name)) {
            return Objects.requireNonNull(file).readAllBytes();
        }
    }

    private Answer importing(String query, String type, byte[] body) throws IOException {
        return client.send(
                "POST", "/layers/import?name=foreign" + query, body, "Content-Type", type);
    }

    private Answer importing(String query, SafetensorsFile file) throws IOException {
        return importing(query, SAFETENSORS, file.bytes());
    }

    private static List<String> names(JsonNode report) {
        return report.get("layers")
                .valueStream()
                .map(layer -> layer.get("name").stringValue())
                .toList();
    }

    /// Returns the reasons for skipped tensors, by name.
    private static String skipped(JsonNode report) {
        return report.get("skipped").toString();
    }

    @ParameterizedTest
    @CsvSource({
        "F32, [], 0000e040",
        "F32, [1], 0000e040",
        "F64, [], 0000000000001c40",
        "F16, [1], 0047",
        "BF16, [], e040",
        "I64, '[1,1]', 0700000000000000",
        "I32, [], 07000000",
        "I16, [1], 0700",
        "I8, [], 07",
        "U64, [], 0700000000000000",
        "U32, [1], 07000000",
        "U16, [], 0700",
        "U8, [1], 07",
    })
    void aCountOfBatchesMayHaveAnyWholeForm(String dtype, String shape, String hexadecimal)
            throws IOException {
        SafetensorsFile file =
                new SafetensorsFile()
                        .withLayer("bn")
                        .with("bn.num_batches_tracked", dtype, shape, hexadecimal);
        JsonNode report = importing("&framework=pytorch", file).expect(200).json();
        assertThat(report.at("/layers/0/num_batches_tracked").intValue()).isEqualTo(7);
        assertThat(report.at("/layers/0/warnings")).isEmpty();
        assertThat(client.get("/layers/foreign.bn").field("num_batches_tracked").intValue())
                .isEqualTo(7);
    }

    @ParameterizedTest
    @CsvSource({
        "F32, [], 0000f040, 7.5",
        "F64, [], 000000000000f87f, NaN",
        "F32, [], 0000807f, Infinity",
        "I64, [], ffffffffffffffff, -1",
        "F32, [1], 000080bf, -1.0",
        "U64, [], ffffffffffffffff, 1.8446744073709552E19",
        "I64, [2], 07000000000000000700000000000000, [2]",
        "F32, [2], 0000e0400000e040, [2]",
        "BOOL, [], 01, BOOL",
        "F8_E4M3, [], 07, F8_E4M3",
        "F128, [], 00000000000000000000000000000007, F128",
    })
    void aCountThatIsNoneIsAWarningAndKeepsNothingElseOut(
            String dtype, String shape, String hexadecimal, String expected) throws IOException {
        SafetensorsFile file =
                new SafetensorsFile()
                        .withLayer("a")
                        .withLayer("b")
                        .with("a.num_batches_tracked", dtype, shape, hexadecimal)
                        .with("b.num_batches_tracked", "I64", "[]", "0700000000000000");
        JsonNode report = importing("&framework=pytorch", file).expect(200).json();
        assertThat(names(report)).containsExactly("foreign.a", "foreign.b");
        assertThat(report.at("/layers/0/num_batches_tracked").intValue()).isZero();
        assertThat(report.at("/layers/1/num_batches_tracked").intValue()).isEqualTo(7);
        assertThat(report.at("/layers/1/warnings")).isEmpty();
        assertThat(report.at("/layers/0/warnings").toString())
                .contains("a.num_batches_tracked")
                .contains("one whole number from 0 on")
                .contains(expected);
        assertThat(skipped(report)).contains("a.num_batches_tracked").contains(expected);
        assertThat(client.get("/layers/foreign.a").numbers("running_var")).containsExactly(4, 5);
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "&framework=pytorch"})
    void arraysOfForeignTypesAreSkippedWithTheReason(String query) throws IOException {
        JsonNode report = importing(query, NPZ, resource("foreign.npz")).expect(200).json();
        assertThat(names(report)).containsExactly("foreign.bn1");
        assertThat(report.at("/layers/0/num_batches_tracked").intValue()).isEqualTo(7);
        assertThat(client.get("/layers/foreign.bn1").numbers("gamma")).containsExactly(1, 2, 3);
        assertThat(
                        report.get("skipped")
                                .valueStream()
                                .collect(
                                        Collectors.toMap(
                                                each -> each.get("tensor").stringValue(),
                                                each -> each.get("why").stringValue())))
                .hasSize(7)
                .hasEntrySatisfying(
                        "history", why -> assertThat(why).contains("object array (pickle)"))
                .hasEntrySatisfying("names.weight", why -> assertThat(why).contains("<U5"))
                .hasEntrySatisfying("spectrum.weight", why -> assertThat(why).contains("<c8"))
                .hasEntrySatisfying("table.bias", why -> assertThat(why).contains("structured"))
                .hasEntrySatisfying("mask.weight", why -> assertThat(why).contains("|b1"))
                .hasEntrySatisfying("quantized.weight", why -> assertThat(why).contains("|i1"))
                .hasEntrySatisfying("saved", why -> assertThat(why).contains("M8[ns]"));
    }

    @Test
    void aLayersOwnTensorOfAForeignTypeIsNamed() throws IOException {
        SafetensorsFile file =
                new SafetensorsFile()
                        .withVectors("bn.bias", "bn.running_mean", "bn.running_var")
                        .with("fc.weight", "F8_E4M3", "[2]", "0102")
                        .with("fc.extra", "F128", "[1]", "00".repeat(16));
        assertThat(skipped(importing("&framework=pytorch", file).expect(200).json()))
                .contains("fc.weight")
                .contains("fc.extra");
        file.with("bn.weight", "F8_E4M3", "[2]", "0102");
        assertThat(
                        importing("&framework=pytorch&replace=true", file)
                                .expectProblem(422, "shape-mismatch")
                                .detail())
                .contains("bn.weight")
                .contains("F8_E4M3");
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "&framework=keras"})
    void kerasNamesMayHaveTheirOutputsNumber(String query) throws IOException {
        SafetensorsFile file =
                new SafetensorsFile()
                        .withVectors(
                                "bn/gamma:0",
                                "bn/beta:0",
                                "bn/moving_mean:0",
                                "bn/moving_variance:0");
        JsonNode report = importing(query, file).expect(200).json();
        assertThat(report.get("framework").stringValue()).isEqualTo("keras");
        assertThat(client.get("/layers/foreign.bn").json().at("/config/epsilon").doubleValue())
                .isEqualTo(1e-3);
        if (query.isEmpty()) {
            assertThat(report.get("assumed").toString()).contains("tensorflow-1").contains("1e-5");
        }
    }

    @Test
    void theHintOfAWrongFrameworkNamesKeras() throws IOException {
        SafetensorsFile file =
                new SafetensorsFile().withVectors("bn/moving_mean:0", "bn/moving_variance:0");
        assertThat(
                        importing("&framework=pytorch", file)
                                .expectProblem(400, "invalid-request")
                                .detail())
                .endsWith("by their names it is of keras");
    }

    @Test
    void headersOfPython2AreRead() throws IOException {
        JsonNode report = importing("", NPZ, resource("python2.npz")).expect(200).json();
        assertThat(names(report)).containsExactly("foreign.bn");
        assertThat(client.get("/layers/foreign.bn").numbers("running_var")).containsExactly(7, 8);
    }

    /// The expected numbers are those that Flax printed, exactly.
    @ParameterizedTest
    @CsvSource({
        "flax.npz, application/x-npz, ''",
        "flax.safetensors, application/vnd.safetensors, ''",
        "flax.npz, application/x-npz, &framework=flax",
        "flax.safetensors, application/vnd.safetensors, &framework=flax",
        "flax.npz, application/vnd.safetensors, ''",
        "flax.safetensors, application/x-npz, ''",
    })
    void filesOfFlaxAreReadBitForBit(String file, String type, String query) throws IOException {
        JsonNode report = importing(query, type, resource(file)).expect(200).json();
        assertThat(report.get("framework").stringValue()).isEqualTo("flax");
        assertThat(report.get("detected").isNull()).isEqualTo(!query.isEmpty());
        assertThat(names(report)).containsExactly("foreign.BatchNorm_0");
        assertThat(report.at("/layers/0/path").stringValue()).isEqualTo("BatchNorm_0");
        assertThat(report.at("/layers/0/tensors/running_var").stringValue())
                .isEqualTo("batch_stats/BatchNorm_0/var");
        Answer layer = client.get("/layers/foreign.BatchNorm_0");
        assertThat(layer.numbers("gamma"))
                .containsExactly(1.6637192964553833, 1.3645128011703491, 0.7053573131561279);
        assertThat(layer.numbers("beta"))
                .containsExactly(-1.0220539569854736, 0.5182792544364929, 1.2061219215393066);
        assertThat(layer.numbers("running_mean"))
                .containsExactly(0.5242182612419128, 2.153057098388672, 1.2380082607269287);
        assertThat(layer.numbers("running_var"))
                .containsExactly(1.627395510673523, 2.2698240280151367, 1.5980963706970215);
        assertThat(layer.json().at("/config/epsilon").doubleValue()).isEqualTo(1e-5);
        assertThat(layer.json().at("/config/momentum").doubleValue()).isEqualTo(0.99);
        assertThat(layer.json().at("/config/channel_axis").intValue()).isEqualTo(-1);
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = ';',
            value = {
                "pytorch; bn; bn.weight bn.bias bn.running_mean bn.running_var",
                "pytorch; bn; bn.running_mean bn.running_var",
                "keras; bn; bn/gamma bn/beta bn/moving_mean bn/moving_variance",
                "keras; block.bn; block/bn/moving_mean:0 block/bn/moving_variance:0",
                "keras; layers.bn; layers/bn/vars/0 layers/bn/vars/1 layers/bn/vars/2 layers/bn/vars/3",
                "keras; layers.bn; layers.bn.vars.0 layers.bn.vars.1 layers.bn.vars.2 layers.bn.vars.3",
                "onnx; bn; bn.scale bn.B bn.input_mean bn.input_var",
                "paddle; bn; bn.weight bn.bias bn._mean bn._variance",
                "paddle; batch_norm_0; batch_norm_0.w_0 batch_norm_0.b_0 batch_norm_0.w_1 batch_norm_0.w_2",
                "paddle; batch_norm2d_3; batch_norm2d_3.w_0 batch_norm2d_3.w_1 batch_norm2d_3.w_2",
                "mxnet; bn; bn.gamma bn.beta bn.running_mean bn.running_var",
                "mxnet; bn0; arg:bn0_gamma arg:bn0_beta aux:bn0_moving_mean aux:bn0_moving_var",
                "flax; enc.bn; params/enc/bn/scale params/enc/bn/bias batch_stats/enc/bn/mean batch_stats/enc/bn/var",
                "flax; enc.bn; params.enc.bn.scale params.enc.bn.bias batch_stats.enc.bn.mean batch_stats.enc.bn.var",
                "flax; params.bn; params/params/bn/scale params/batch_stats/bn/mean params/batch_stats/bn/var",
            })
    void aFrameworkIsRecognizedByItsNames(String framework, String path, String tensors)
            throws IOException {
        String[] names = tensors.split(" ");
        SafetensorsFile file =
                new SafetensorsFile()
                        .withVectors(names)
                        .with("head.kernel", "F32", "[1,1]", "00000000");
        JsonNode report = importing("", file).expect(200).json();
        assertThat(report.get("framework").stringValue()).isEqualTo(framework);
        assertThat(report.get("detected").stringValue())
                .contains("recognized by the names")
                .contains(names[names.length - 1]);
        assertThat(names(report)).containsExactly("foreign." + path);
        assertThat(skipped(report)).contains("head.kernel");
        JsonNode again = importing("&replace=true&framework=" + framework, file).json();
        assertThat(again.get("detected").isNull()).isTrue();
        assertThat(again.get("layers").toString().replace("\"version\":2", "\"version\":1"))
                .isEqualTo(report.get("layers").toString());
    }

    @Test
    void namesOfSeveralFrameworksAreRefusedWithTheList() throws IOException {
        SafetensorsFile file =
                new SafetensorsFile()
                        .withLayer("backbone.bn")
                        .withVectors("head/gamma", "head/moving_mean", "head/moving_variance");
        assertThat(importing("", file).expectProblem(400, "invalid-request").detail())
                .contains("pytorch (\"backbone.bn.running_var\")")
                .contains("keras (\"head/moving_variance\")")
                .contains("framework=");
        client.get("/layers/foreign.backbone.bn").expectProblem(404, "layer-not-found");
        assertThat(names(importing("&prefix=backbone.", file).expect(200).json()))
                .containsExactly("foreign.bn");
        assertThat(names(importing("&framework=keras", file).expect(200).json()))
                .containsExactly("foreign.head");
    }

    @Test
    void namesThatAreNotConclusiveAreRefusedWithWhatTheyMayBe() throws IOException {
        SafetensorsFile file = new SafetensorsFile().withVectors("bn.scale", "bn.mean", "bn.var");
        assertThat(importing("", file).expectProblem(400, "invalid-request").detail())
                .contains("framework=")
                .contains("possibly flax");
        importing("&framework=flax", file).expect(200);
    }

    /// Three Keras variables are batch normalization without gamma, or without beta.
    @Test
    void variablesThatMayBeEitherAreNotGuessed() throws IOException {
        SafetensorsFile file =
                new SafetensorsFile()
                        .withVectors("a/vars/0", "a/vars/1", "a/vars/2", "a/vars/3")
                        .withVectors("b/vars/0", "b/vars/1", "b/vars/2")
                        .with("optimizer/vars/0", "I64", "[]", "00".repeat(8))
                        .with("optimizer/vars/1", "F32", "[]", "00".repeat(4))
                        .withVectors("optimizer/vars/2", "optimizer/vars/3")
                        .withVectors("c/vars/0", "c/vars/1", "c/vars/2", "c/vars/3", "c/vars/4");
        JsonNode report = importing("", file).expect(200).json();
        assertThat(names(report)).containsExactly("foreign.a");
        assertThat(report.get("notes").toString()).contains("b: batch normalization without gamma");
        assertThat(skipped(report)).contains("{\"tensor\":\"b/vars/2\",\"why\":\"batch normal");
        assertThat(report.get("skipped")).hasSize(12);
        SafetensorsFile only =
                new SafetensorsFile().withVectors("b/vars/0", "b/vars/1", "b/vars/2");
        assertThat(
                        importing("&framework=keras", only)
                                .expectProblem(400, "invalid-request")
                                .detail())
                .contains("without gamma and without beta");
    }

    @ParameterizedTest
    @CsvSource({
        "module.bn1, bn1, module.",
        "_orig_mod.bn1, bn1, _orig_mod.",
        "module._orig_mod.bn1, bn1, _orig_mod.",
        "_orig_mod.module.bn1, bn1, module.",
        "module.module.bn1, bn1, module.",
        "encoder._orig_mod.bn1, encoder.bn1, _orig_mod.",
        "_fsdp_wrapped_module.bn1, bn1, _fsdp_wrapped_module.",
    })
    void wrappersOfPyTorchAreNoPartOfNames(String path, String name, String expected)
            throws IOException {
        SafetensorsFile file = new SafetensorsFile().withLayer(path);
        JsonNode report = importing("", file).expect(200).json();
        assertThat(names(report)).containsExactly("foreign." + name);
        assertThat(report.at("/layers/0/path").stringValue()).isEqualTo(path);
        assertThat(report.get("assumed").toString()).contains(expected);
    }

    @Test
    void aChildThatIsCalledModuleKeepsItsName() throws IOException {
        SafetensorsFile file = new SafetensorsFile().withLayer("module.bn").withLayer("head.bn");
        JsonNode report = importing("", file).expect(200).json();
        assertThat(names(report)).containsExactly("foreign.head.bn", "foreign.module.bn");
        assertThat(report.get("assumed").toString()).doesNotContain("module.");
    }

    @Test
    void pathsThatMakeOneNameGetNumbers() throws IOException {
        SafetensorsFile file =
                new SafetensorsFile()
                        .withLayer("a b")
                        .withLayer("a_b")
                        .withLayer("a_b-2")
                        .withLayer("a/b")
                        .withLayer("a.b");
        JsonNode report = importing("", file).expect(200).json();
        assertThat(
                        report.get("layers")
                                .valueStream()
                                .collect(
                                        Collectors.toMap(
                                                layer -> layer.get("path").stringValue(),
                                                layer -> layer.get("name").stringValue())))
                .containsEntry("a b", "foreign.a_b-3")
                .containsEntry("a_b", "foreign.a_b")
                .containsEntry("a_b-2", "foreign.a_b-2")
                .containsEntry("a/b", "foreign.a.b-2")
                .containsEntry("a.b", "foreign.a.b");
        assertThat(
                        report.get("layers")
                                .valueStream()
                                .filter(layer -> layer.get("path").stringValue().equals("a b"))
                                .map(layer -> layer.get("warnings").toString()))
                .allSatisfy(warnings ->
                        assertThat(warnings)
                                .contains("characters that a layer's name cannot have")
                                .contains("another path of the file makes the same name"));
        importing("", file).expectProblem(409, "layer-exists");
        assertThat(names(importing("&replace=true", file).expect(200).json()))
                .isEqualTo(names(report));
    }

    @Test
    void pathsThatAreTooLongAreCut() throws IOException {
        String path = "block.".repeat(30);
        SafetensorsFile file =
                new SafetensorsFile().withLayer(path + "a").withLayer(path + "b").withLayer("日本");
        JsonNode report = importing("", file).expect(200).json();
        assertThat(names(report))
                .hasSize(3)
                .doesNotHaveDuplicates()
                .allSatisfy(name -> assertThat(name).matches("foreign[.].+-[0-9a-f]{8}"))
                .allSatisfy(name -> assertThat(name).hasSizeLessThanOrEqualTo(128));
        assertThat(report.at("/layers/0/warnings").toString()).contains("too long");
        assertThat(names(importing("&replace=true", file).expect(200).json()))
                .isEqualTo(names(report));
        importing("%20", file).expectProblem(400, "invalid-request");
    }

    @ParameterizedTest
    @ValueSource(strings = {SAFETENSORS, NPZ, "application/octet-stream"})
    void aTrainingCheckpointOfPytorchIsImported(String type) throws IOException {
        JsonNode report =
                importing("&replace=true", type, resource("training.pth.tar")).expect(200).json();
        assertThat(report.get("framework").stringValue()).isEqualTo("pytorch");
        assertThat(names(report))
                .containsExactly("foreign.block.bn", "foreign.head_bn", "foreign.stem.1");
        assertThat(report.at("/layers/0/path").stringValue())
                .isEqualTo("state_dict.module.block.bn");
        assertThat(report.get("assumed").toString()).contains("state_dict.").contains("module.");
        assertThat(client.get("/layers/foreign.block.bn").numbers("gamma")).hasSize(6);
    }

    @ParameterizedTest
    @CsvSource({
        "evil.pth, __builtin__.print",
        "whole_module.pt, __main__.Tiny",
    })
    void aPickleWithCodeIsRefusedAndNamed(String file, String global) throws IOException {
        assertThat(
                        importing("", "application/octet-stream", resource(file))
                                .expectProblem(400, "malformed-tensor")
                                .detail())
                .contains(global)
                .contains("torch.save(model.state_dict(), file)");
    }

    /// `bn2` states another epsilon and momentum than the defaults of Keras.
    @ParameterizedTest
    @ValueSource(strings = {"model.keras", "model_legacy.h5"})
    void aModelOfKerasIsImportedWithTheSettingsOfItsLayers(String file) throws IOException {
        JsonNode report =
                importing("&replace=true", "application/octet-stream", resource(file))
                        .expect(200)
                        .json();
        assertThat(report.get("framework").stringValue()).isEqualTo("keras");
        assertThat(report.get("assumed").toString()).doesNotContain("epsilon", "tensorflow-1");
        JsonNode config = client.get("/layers/foreign.bn2").expect(200).json().get("config");
        assertThat(config.get("epsilon").doubleValue()).isEqualTo(1e-5);
        assertThat(config.get("momentum").doubleValue()).isEqualTo(0.9);
        assertThat(config.get("scale").booleanValue()).isFalse();
    }

    @Test
    void aKnobOfTheRequestReplacesThatOfTheFile() throws IOException {
        importing(
                        "&replace=true&convention=pytorch&epsilon=0.5&channel_axis=2",
                        "application/octet-stream",
                        resource("model.keras"))
                .expect(200);
        JsonNode config = client.get("/layers/foreign.bn2").expect(200).json().get("config");
        assertThat(config.get("epsilon").doubleValue()).isEqualTo(0.5);
        assertThat(config.get("momentum_meaning").stringValue()).isEqualTo("new_weight");
        assertThat(config.get("momentum").doubleValue()).isEqualTo(1 - 0.9);
        assertThat(config.get("channel_axis").intValue()).isEqualTo(2);
    }

    @ParameterizedTest
    @ValueSource(strings = {SAFETENSORS, NPZ})
    void aDamagedFileOfHdf5IsNamed(String type) throws IOException {
        assertThat(
                        importing("", type, HexFormat.of().parseHex("894844460d0a1a0a0000"))
                                .expectProblem(400, "malformed-tensor")
                                .detail())
                .contains("HDF5 file is not readable at \"the superblock\"");
    }

    @Test
    void nodesOfAnOnnxModelBecomeLayers() throws IOException {
        JsonNode report =
                importing("", "application/octet-stream", resource("conv_bn.onnx"))
                        .expect(200)
                        .json();
        assertThat(report.get("framework").stringValue()).isEqualTo("onnx");
        assertThat(report.at("/layers/1/path").stringValue()).isEqualTo("bn2");
        assertThat(client.get("/layers/foreign.bn2").numbers("running_var")).hasSize(6);
    }

    @ParameterizedTest
    @CsvSource({
        "080a120770, the ONNX file: byte 4",
        "08083ad50b0a220a0178, field 7 has a length of 1493 bytes", // without a producer
    })
    void anOnnxFileThatIsCutIsRefusedWithItsPlace(String hexadecimal, String place)
            throws IOException {
        for (String type : List.of(SAFETENSORS, NPZ, "application/octet-stream")) {
            assertThat(
                            importing("", type, HexFormat.of().parseHex(hexadecimal))
                                    .expectProblem(400, "malformed-tensor")
                                    .detail())
                    .contains(place);
        }
    }

    @ParameterizedTest
    @CsvSource({"archive/data.pkl, PyTorch stores entries", "model.weights.h5, a Keras file"})
    void archivesOfOtherProgramsAreRefusedByName(String entry, String format) throws IOException {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        try (ZipOutputStream archive = new ZipOutputStream(bytes)) {
            archive.putNextEntry(new ZipEntry("metadata.json"));
            archive.write("{}".getBytes(StandardCharsets.UTF_8));
            archive.putNextEntry(new ZipEntry(entry));
            archive.write(1);
        }
        for (String type : List.of(SAFETENSORS, NPZ)) {
            assertThat(
                            importing("", type, bytes.toByteArray())
                                    .expectProblem(400, "malformed-tensor")
                                    .detail())
                    .contains(format);
        }
    }
}
