package batchnorm.service.checkpoints;

import static org.assertj.core.api.Assertions.assertThat;

import batchnorm.service.Answer;
import batchnorm.service.Client;
import batchnorm.service.Contract;
import batchnorm.service.ServiceUnderTest;
import java.io.IOException;
import java.io.InputStream;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.util.Arrays;
import java.util.Objects;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import tools.jackson.databind.JsonNode;

/// Tests the folding of whole model files. `OnnxFoldingTest` checks their numbers.
@ExtendWith(ServiceUnderTest.Shared.class)
class ModelFoldOverHttpTest {
    private static final String FOLD = "/models/fold";
    private static final String RAW = "application/octet-stream";
    private static final String SAFETENSORS = "application/vnd.safetensors";
    private static final String JSON = "application/json";
    private static final HttpClient HTTP = HttpClient.newHttpClient();
    private final Client client;

    ModelFoldOverHttpTest(Client client) {
        this.client = client;
    }

    private static byte[] file(String name) throws IOException {
        try (InputStream file =
                Objects.requireNonNull(
                        ModelFoldOverHttpTest.class.getResourceAsStream("/checkpoints/" + name))) {
            return file.readAllBytes();
        }
    }

    private Answer fold(byte[] model, String query, String... headers) throws IOException {
        return client.send("POST", FOLD + query, model, headers);
    }

    private HttpResponse<byte[]> folded(byte[] model) throws IOException, InterruptedException {
        return Contract.checked(
                HTTP.send(
                        HttpRequest.newBuilder(client.root().resolve("/api/v1" + FOLD))
                                .header("Content-Type", RAW)
                                .POST(BodyPublishers.ofByteArray(model))
                                .build(),
                        BodyHandlers.ofByteArray()));
    }

    @ParameterizedTest
    @CsvSource({
        "conv_bn.onnx, 2, 0",
        "conv_transpose_bn.onnx, 2, 0",
        "gemm_bn.onnx, 1, 0",
        "bn_first.onnx, 1, 1",
    })
    void aModelComesBackWithoutItsNormalizations(String name, int folded, int left)
            throws IOException, InterruptedException {
        HttpResponse<byte[]> model = folded(file(name));
        assertThat(model.statusCode()).isEqualTo(200);
        assertThat(model.headers().allValues("Content-Type")).containsExactly(RAW);
        assertThat(model.headers().firstValue("Content-Disposition").orElse(""))
                .contains("folded.onnx");
        assertThat(model.headers().allValues("Folded-Layers"))
                .containsExactly(Integer.toString(folded));
        assertThat(model.headers().allValues("Left-Layers"))
                .containsExactly(Integer.toString(left));
        Answer again = fold(model.body(), "", "Content-Type", RAW, "Accept", JSON).expect(200);
        assertThat(again.field("folded").size()).isZero();
        assertThat(again.field("left").size()).isEqualTo(left);
    }

    @Test
    void theReportNamesTheReason() throws IOException {
        JsonNode report =
                fold(file("bn_first.onnx"), "", "Content-Type", RAW, "Accept", JSON)
                        .expect(200)
                        .json();
        assertThat(report.at("/folded/0/node").stringValue()).isEqualTo("bn2");
        assertThat(report.at("/left/0/node").stringValue()).isEqualTo("bn1");
        assertThat(report.at("/left/0/reason").stringValue()).contains("pads with zeros");
    }

    @Test
    void aStateDictBecomesSafetensors() throws IOException {
        byte[] model = file("state_dict.pth");
        Answer folded = fold(model, "", "Content-Type", RAW, "Accept", SAFETENSORS).expect(200);
        assertThat(folded.header("Content-Type")).isEqualTo(SAFETENSORS);
        assertThat(folded.header("Folded-Layers")).isEqualTo("3");
        assertThat(folded.body()).contains("stem.0.bias").doesNotContain("running_mean");
        JsonNode one =
                fold(
                                model,
                                "?pairs=stem.0:stem.1&epsilon=0.001",
                                "Content-Type",
                                RAW,
                                "Accept",
                                JSON)
                        .expect(200)
                        .json();
        assertThat(one.get("folded")).hasSize(1);
        assertThat(one.at("/left/0/reason").stringValue()).contains("no pair names it");
    }

    @Test
    void whatCannotBeReadIsRefused() throws IOException {
        byte[] model = file("conv_bn.onnx");
        assertThat(
                        fold(Arrays.copyOf(model, 700), "", "Content-Type", RAW)
                                .expectProblem(400, "malformed-tensor")
                                .detail())
                .contains("the ONNX file: byte");
        fold(new byte[0], "", "Content-Type", RAW).expectProblem(400, "malformed-tensor");
        fold(file("evil.pth"), "", "Content-Type", RAW).expectProblem(400, "malformed-tensor");
        fold(model, "?pairs=a", "Content-Type", RAW).expectProblem(400, "invalid-request");
        fold(model, "?epsilon=-1", "Content-Type", RAW).expectProblem(400, "invalid-request");
        fold(model, "", "Content-Type", JSON).expectProblem(415, "unsupported-media-type");
        fold(model, "", "Content-Type", RAW, "Accept", "application/x-npy")
                .expectProblem(406, "not-acceptable");
        fold(file("flax.npz"), "", "Content-Type", "application/x-npz")
                .expectProblem(400, "invalid-request");
    }
}
