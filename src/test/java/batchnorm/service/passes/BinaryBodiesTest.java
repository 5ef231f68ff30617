package batchnorm.service.passes;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import batchnorm.codec.Codec;
import batchnorm.codec.Message;
import batchnorm.codec.Signature;
import batchnorm.codec.binary.RawCodec;
import batchnorm.codec.npy.NpyCodec;
import batchnorm.codec.npy.NpzCodec;
import batchnorm.service.Client;
import batchnorm.service.Contract;
import batchnorm.service.ServiceUnderTest;
import batchnorm.tensor.DataType;
import batchnorm.tensor.Shape;
import batchnorm.tensor.Tensor;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/// Tests the compute endpoints with npy, npz and raw bodies: the numbers equal those in JSON.
@ExtendWith(ServiceUnderTest.Shared.class)
class BinaryBodiesTest {
    private static final HttpClient HTTP = HttpClient.newHttpClient();
    private static final Codec.Limits LIMITS = new Codec.Limits(1 << 20, 64);
    private static final Shape SHAPE = Shape.of(3, 2);
    private static final Tensor X = Tensor.of(SHAPE, 1f, 2f, 3f, 4f, 5f, 6f);
    private static final Tensor DY = Tensor.of(SHAPE, .1f, .2f, .3f, .4f, .5f, .6f);
    private static final float Y = (float) 1.2247425750014138;

    private final Client client;

    BinaryBodiesTest(Client client) {
        this.client = client;
    }

    @Test
    void aTrainingLoopInNpy() throws Exception {
        String layer = client.layer("\"features\": 2");
        HttpResponse<byte[]> forward =
                post(layer + "/forward-train", new NpyCodec(), "input", X, "application/x-npy");
        assertThat(type(forward)).isEqualTo("application/x-npy");
        assertThat(forward.headers().firstValueAsLong("Content-Length")).hasValue(128 + 24);
        assertThat(forward.headers().firstValue("Layer-Version")).hasValue("2");
        Tensor y =
                decode(new NpyCodec(), forward, Signature.tensor("output")).requireTensor("output");
        assertThat(y.dataType()).isEqualTo(DataType.FP32);
        assertThat(y.at(5)).isEqualTo(Y);

        String context = forward.headers().firstValue("Context-Id").orElseThrow();
        HttpResponse<byte[]> backward =
                post(
                        layer + "/backward?context_id=" + context,
                        new NpyCodec(),
                        "grad_output",
                        DY,
                        "application/x-npy");
        assertThat(type(backward))
                .as("a bare array cannot hold three")
                .isEqualTo("application/x-npz");
        Message gradients =
                decode(
                        new NpzCodec(),
                        backward,
                        Signature.tensor("grad_input"),
                        Signature.vector("grad_gamma"),
                        Signature.vector("grad_beta"));
        assertThat(gradients.requireTensor("grad_input").shape()).isEqualTo(SHAPE);
        assertThat(gradients.vector("grad_beta")).hasSize(2);
    }

    @Test
    void npzAnswersEverythingByName() throws Exception {
        String layer = client.layer("\"features\": 2");
        HttpResponse<byte[]> forward =
                post(
                        layer + "/forward-train?save_context=false",
                        new NpyCodec(),
                        "input",
                        X,
                        "application/x-npy",
                        "Accept",
                        "application/x-npz");
        Message answer =
                decode(
                        new NpzCodec(),
                        forward,
                        Signature.tensor("output"),
                        Signature.vector("batch_mean"),
                        Signature.vector("batch_var"),
                        Signature.integer("count"),
                        Signature.vector("running_mean"),
                        Signature.vector("running_var"),
                        Signature.integer("num_batches_tracked"),
                        Signature.number("alpha"),
                        Signature.integer("version"));
        assertThat(answer.vector("running_var")).containsExactly(1.3, 1.3);
        assertThat(answer.integer("count")).isEqualTo(3);
        assertThat(answer.number("alpha")).isEqualTo(0.1);
        assertThat(forward.headers().firstValue("Context-Id")).isEmpty();
    }

    @Test
    void aStatelessBackwardInNpz() throws Exception {
        String layer = client.layer("\"features\": 2");
        Message question = new Message().with("input", X).with("grad_output", DY);
        HttpResponse<byte[]> answer =
                send(
                        layer + "/backward?mode=infer",
                        encode(new NpzCodec(), question),
                        "application/x-npz");
        assertThat(answer.statusCode()).isEqualTo(200);
        Message gradients =
                decode(
                        new NpzCodec(),
                        answer,
                        Signature.tensor("grad_input"),
                        Signature.vector("grad_gamma"),
                        Signature.vector("grad_beta"));
        assertThat(gradients.requireTensor("grad_input").at(0))
                .isEqualTo((float) (0.1f / Math.sqrt(1 + 1e-5)));
    }

    @ParameterizedTest
    @EnumSource
    void rawBytesOfEveryDatatype(DataType type) throws Exception {
        String layer = client.layer("\"features\": 2");
        RawCodec raw = new RawCodec(SHAPE, type);
        float[] floats = {1, 2, 3, 4, 5, 6};
        Tensor x =
                type == DataType.FP64
                        ? Tensor.of(SHAPE, 1.0, 2.0, 3.0, 4.0, 5.0, 6.0)
                        : Tensor.of(SHAPE, type, floats);
        HttpResponse<byte[]> answer =
                post(
                        layer + "/forward-train?save_context=false",
                        raw,
                        "input",
                        x,
                        "application/octet-stream",
                        "Tensor-Shape",
                        "3,2",
                        "Tensor-Datatype",
                        type.name());
        assertThat(answer.headers().firstValue("Tensor-Shape")).hasValue("3,2");
        assertThat(answer.headers().firstValue("Tensor-Datatype")).hasValue(type.name());
        double exact = 1.2247425750014138;
        assertThat(decode(raw, answer, Signature.tensor("output")).requireTensor("output").at(5))
                .isEqualTo(type == DataType.FP64 ? exact : type.round((float) exact));
    }

    @Test
    void aBinaryQuestionMayHaveAJsonAnswer() throws Exception {
        String layer = client.layer("\"features\": 2");
        HttpResponse<byte[]> answer =
                post(
                        layer + "/forward-infer",
                        new NpyCodec(),
                        "input",
                        X,
                        "application/x-npy",
                        "Accept",
                        "application/json");
        assertThat(new String(answer.body(), UTF_8))
                .startsWith("{\"output\":{\"shape\":[3,2],\"datatype\":\"FP32\",\"data\":[");
    }

    @Test
    void anArrayWithoutItsHeadersIsRefused() throws Exception {
        String layer = client.layer("\"features\": 2");
        HttpResponse<byte[]> answer =
                send(layer + "/forward-infer", new byte[24], "application/octet-stream");
        assertThat(answer.statusCode()).isEqualTo(400);
        assertThat(new String(answer.body(), UTF_8)).contains("malformed-tensor", "Tensor-Shape");
    }

    private HttpResponse<byte[]> post(
            String path, Codec codec, String field, Tensor tensor, String type, String... headers)
            throws Exception {
        HttpResponse<byte[]> answer =
                send(path, encode(codec, new Message().with(field, tensor)), type, headers);
        assertThat(answer.statusCode()).as(new String(answer.body(), UTF_8)).isEqualTo(200);
        return answer;
    }

    private HttpResponse<byte[]> send(String path, byte[] body, String type, String... headers)
            throws Exception {
        HttpRequest.Builder request =
                HttpRequest.newBuilder(client.root().resolve("/api/v1" + path))
                        .header("Content-Type", type)
                        .POST(BodyPublishers.ofByteArray(body));
        if (headers.length > 0) {
            request.headers(headers);
        }
        return Contract.checked(HTTP.send(request.build(), BodyHandlers.ofByteArray()));
    }

    private static String type(HttpResponse<byte[]> answer) {
        return answer.headers().firstValue("Content-Type").orElse("");
    }

    private static byte[] encode(Codec codec, Message message) throws IOException {
        ByteArrayOutputStream body = new ByteArrayOutputStream();
        codec.encode(message, body);
        return body.toByteArray();
    }

    private static Message decode(
            Codec codec, HttpResponse<byte[]> answer, Signature.Field... fields)
            throws IOException {
        return codec.decode(new ByteArrayInputStream(answer.body()), Signature.of(fields), LIMITS);
    }
}
