package batchnorm.service.passes;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import batchnorm.fixtures.RandomSeed;
import batchnorm.service.Answer;
import batchnorm.service.Client;
import batchnorm.service.Parallel;
import batchnorm.service.ServiceUnderTest;
import batchnorm.service.Wire;
import java.io.IOException;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

/// Tests that reused arrays do not leak between requests. The arrays of completed requests serve
/// later ones of the same shape. Every request here has that shape and unique numbers.
@ExtendWith(ServiceUnderTest.Shared.class)
class ReusedArraysTest {
    private static final int CLIENTS = 4;
    private static final int ROUNDS = 25;
    private static final int ELEMENTS = 4000 * 2;

    private final Client client;
    private final String layer;

    /// With statistics of 0 and 1 and an epsilon lost to rounding, inference is the identity.
    ReusedArraysTest(Client client) throws IOException {
        this.client = client;
        this.layer = client.layer("\"features\": 2, \"epsilon\": 1e-30");
    }

    private interface Check {
        void run(int[] numbers) throws IOException;
    }

    @Test
    void everyAnswerIsOfItsOwnRequest() throws Exception {
        List<Check> checks =
                List.of(
                        numbers -> inJson("FP32", numbers),
                        numbers -> inJson("FP64", numbers),
                        this::inJsonOfTheProtocol,
                        numbers -> inBytes("FP32", Wire.floats(wide(numbers))),
                        numbers -> inBytes("FP64", Wire.doubles(wide(numbers))),
                        numbers -> backward("forward-infer", "", numbers),
                        numbers -> backward("forward-train", "\"commit\": false, ", numbers),
                        this::backwardOfTheProtocol);
        List<Integer> rounds =
                Parallel.run(
                        CLIENTS,
                        number -> {
                            Random random = RandomSeed.random(number);
                            for (int round = 0; round < ROUNDS; round++) {
                                int[] numbers = random.ints(ELEMENTS, -9999, 9999).toArray();
                                checks.get(random.nextInt(checks.size())).run(numbers);
                            }
                            return ROUNDS;
                        });
        assertThat(rounds).hasSize(CLIENTS);
    }

    private static String data(int[] numbers) {
        return Arrays.stream(numbers).mapToObj(Integer::toString).collect(Collectors.joining(","));
    }

    private static String tensor(String dataType, int[] numbers) {
        return "{\"shape\": [4000, 2], \"datatype\": \"%s\", \"data\": [%s]}"
                .formatted(dataType, data(numbers));
    }

    /// Returns an input or a gradient of the Open Inference Protocol.
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

    private static void assertNumbers(double[] received, int[] sent) {
        assertThat(Arrays.mismatch(received, wide(sent)))
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

    private void inBytes(String dataType, byte[] numbers) throws IOException {
        Wire.Reply reply =
                new Wire(client)
                        .post(
                                "/api/v1" + layer + "/forward-infer",
                                numbers,
                                "Content-Type: application/octet-stream",
                                "Tensor-Shape: 4000,2",
                                "Tensor-Datatype: " + dataType);
        assertThat(Arrays.mismatch(reply.body(), numbers))
                .as("the first byte that is wrong")
                .isEqualTo(-1);
    }

    /// With a gradient of 1 for the first row only, gamma's gradient is that row, normalized. It
    /// must survive later requests in the context.
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
        int[] gradient = new int[ELEMENTS];
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
