package batchnorm.service;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import batchnorm.codec.Codec;
import batchnorm.codec.Message;
import batchnorm.codec.RawCodec;
import batchnorm.codec.Signature;
import batchnorm.tensor.DataType;
import batchnorm.tensor.Shape;
import batchnorm.tensor.Tensor;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse.BodyHandlers;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

/// The arrays of requests that were answered serve the next ones of the same shape: nobody may
/// notice. Every request here has that shape, and numbers of its own.
@ExtendWith(ServiceUnderTest.Shared.class)
class ReusedArraysTest {
    private static final int CLIENTS = 4;
    private static final int ROUNDS = 25;
    private static final Shape SHAPE = Shape.of(4000, 2);
    private static final Codec.Limits LIMITS = new Codec.Limits(1 << 20, 64);

    private final Client client;
    private final String layer;

    /// Statistics of 0 and 1, and an epsilon that rounding swallows: inference changes nothing.
    ReusedArraysTest(Client client) throws IOException {
        this.client = client;
        this.layer = client.layer("\"features\": 2, \"epsilon\": 1e-30");
    }

    private interface Check {
        void run(int[] numbers) throws Exception;
    }

    @Test
    void everyAnswerIsOfItsOwnRequest() throws Exception {
        List<Check> checks =
                List.of(
                        numbers -> inJson("FP32", numbers),
                        numbers -> inJson("FP64", numbers),
                        this::inJsonOfTheProtocol,
                        numbers -> inBytes(DataType.FP32, numbers),
                        numbers -> inBytes(DataType.FP64, numbers),
                        numbers -> backward("forward-infer", "", numbers),
                        numbers -> backward("forward-train", "\"commit\": false, ", numbers),
                        this::backwardOfTheProtocol);
        try (ExecutorService threads = Executors.newFixedThreadPool(CLIENTS)) {
            List<Callable<Boolean>> clients = new ArrayList<>();
            for (int number = 0; number < CLIENTS; number++) {
                Random random = new Random(number);
                clients.add(() -> {
                    for (int round = 0; round < ROUNDS; round++) {
                        int[] numbers = random.ints(SHAPE.elements(), -9999, 9999).toArray();
                        checks.get(random.nextInt(checks.size())).run(numbers);
                    }
                    return true;
                });
            }
            for (Future<Boolean> done : threads.invokeAll(clients)) {
                assertThat(done.get()).isTrue();
            }
        }
    }

    private static String data(int[] numbers) {
        return Arrays.stream(numbers).mapToObj(Integer::toString).collect(Collectors.joining(","));
    }

    private static String tensor(String dataType, int[] numbers) {
        return "{\"shape\": [4000, 2], \"datatype\": \"%s\", \"data\": [%s]}"
                .formatted(dataType, data(numbers));
    }

    /// An input or a gradient of the Open Inference Protocol.
    private static String inferInput(String name, int[] numbers) {
        return "{\"inputs\": [{\"name\": \"%s\", \"shape\": [4000, 2], \"datatype\": \"FP64\", \"data\": [%s]}]"
                .formatted(name, data(numbers));
    }

    private String model() {
        return "//v2/models" + layer.substring("/layers".length()) + "/infer";
    }

    private void inJson(String dataType, int[] numbers) throws IOException {
        Answer answer = client.infer(layer, tensor(dataType, numbers));
        assertNumbers(answer.numbers("output"), numbers);
    }

    private static void assertNumbers(double[] answered, int[] sent) {
        assertThat(Arrays.mismatch(answered, wide(sent)))
                .as("the first that is wrong")
                .isEqualTo(-1);
    }

    private static double[] wide(int[] numbers) {
        return Arrays.stream(numbers).asDoubleStream().toArray();
    }

    private void inJsonOfTheProtocol(int[] numbers) throws IOException {
        Answer answer = client.post(model(), inferInput("input", numbers) + "}").expect(200);
        assertNumbers(Answer.numbers(answer.json().at("/outputs/0/data")), numbers);
    }

    private void inBytes(DataType dataType, int[] numbers) throws Exception {
        Tensor input =
                dataType == DataType.FP64
                        ? Tensor.of(SHAPE, wide(numbers))
                        : Tensor.of(SHAPE, dataType, narrow(numbers));
        RawCodec codec = new RawCodec(SHAPE, dataType);
        ByteArrayOutputStream body = new ByteArrayOutputStream();
        codec.encode(new Message().with("input", input), body);
        HttpRequest request =
                HttpRequest.newBuilder(client.root().resolve("/api/v1" + layer + "/forward-infer"))
                        .header("Content-Type", "application/octet-stream")
                        .header("Tensor-Shape", "4000,2")
                        .header("Tensor-Datatype", dataType.name())
                        .POST(BodyPublishers.ofByteArray(body.toByteArray()))
                        .build();
        try (HttpClient http = HttpClient.newHttpClient()) {
            byte[] answer = http.send(request, BodyHandlers.ofByteArray()).body();
            Message message =
                    codec.decode(
                            new ByteArrayInputStream(answer),
                            Signature.of(Signature.tensor("output")),
                            LIMITS);
            assertNumbers(message.requireTensor("output").toDoubles(), numbers);
        }
    }

    private static float[] narrow(int[] numbers) {
        float[] narrow = new float[numbers.length];
        for (int i = 0; i < narrow.length; i++) {
            narrow[i] = numbers[i];
        }
        return narrow;
    }

    /// With a gradient of 1 for the first row alone, gamma's gradient is that row, normalized: as
    /// the context has it after other requests were answered.
    private void backward(String pass, String more, int[] numbers) throws IOException {
        Answer forward =
                client.post(
                                layer + "/" + pass,
                                "{\"save_context\": true, %s\"input\": %s}"
                                        .formatted(more, tensor("FP64", numbers)))
                        .expect(200);
        double[] firstRow = Arrays.copyOf(forward.numbers("output"), 2);
        inJson("FP64", numbers);
        Answer backward = client.backward(layer, forward, tensor("FP64", firstRowOnly()));
        assertThat(backward.numbers("grad_gamma")).containsExactly(firstRow, within(1e-9));
    }

    private static int[] firstRowOnly() {
        int[] gradient = new int[SHAPE.elements()];
        gradient[0] = 1;
        gradient[1] = 1;
        return gradient;
    }

    private void backwardOfTheProtocol(int[] numbers) throws IOException {
        Answer forward =
                client.post(
                                model(),
                                inferInput("input", numbers)
                                        + ", \"parameters\": {\"save_context\": true}}")
                        .expect(200);
        inJsonOfTheProtocol(numbers);
        Answer backward =
                client.post(
                                model(),
                                inferInput("grad_output", firstRowOnly())
                                        + ", \"parameters\": {\"operation\": \"backward\","
                                        + " \"context_id\": \"%s\"}}"
                                                .formatted(
                                                        forward.json()
                                                                .at("/parameters/context_id")
                                                                .stringValue()))
                        .expect(200);
        assertThat(Answer.numbers(backward.json().at("/outputs/1/data")))
                .containsExactly(numbers[0], numbers[1]);
    }
}
