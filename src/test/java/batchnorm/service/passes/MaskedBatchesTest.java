package batchnorm.service.passes;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import batchnorm.service.Answer;
import batchnorm.service.Client;
import batchnorm.service.ServiceUnderTest;
import java.io.IOException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

/// Tests masks and weights of parts of a batch.
@ExtendWith(ServiceUnderTest.Shared.class)
class MaskedBatchesTest {
    private static final String PADDED = "[[1,2],[3,4],[5,6],[\"NaN\",0]]";
    private static final String MASK = "[1,1,1,0]";
    private static final String GRADIENT = "[[1,0],[0,1],[2,2],[0,0]]";
    private final Client client;

    MaskedBatchesTest(Client client) {
        this.client = client;
    }

    @Test
    void paddingDoesNotCountWhateverItHolds() throws IOException {
        String layer = client.layer("");
        Answer masked = step(layer, PADDED, "\"mask\": " + MASK);
        Answer plain = client.train(client.layer(""), "[[1,2],[3,4],[5,6]]");
        assertThat(masked.field("count").toString()).isEqualTo("3");
        assertThat(masked.numbers("batch_mean")).isEqualTo(plain.numbers("batch_mean"));
        assertThat(masked.numbers("running_var"))
                .containsExactly(plain.numbers("running_var"), within(1e-15));
        assertThat(masked.numbers("output")[6]).isNaN();
    }

    @Test
    void aMaskOfSequencesLeavesOutTheChannels() throws IOException {
        String layer = client.layer("\"convention\": \"keras\"");
        Answer step =
                step(
                        layer,
                        "[[[1,10],[2,20],[9,9]],[[3,30],[9,9],[9,9]]]",
                        "\"mask\": [[true,true,false],[true,false,false]]");
        assertThat(step.numbers("batch_mean")).containsExactly(2, 20);
        assertThat(step.field("count").intValue()).isEqualTo(3);
    }

    @Test
    void weightsCountLikeRepeatedSamples() throws IOException {
        Answer weighted = step(client.layer(""), "[[1,2],[3,4],[5,7]]", "\"weights\": [2,0,3]");
        Answer repeated = client.train(client.layer(""), "[[1,2],[1,2],[5,7],[5,7],[5,7]]");
        assertThat(weighted.field("count")).isEqualTo(repeated.field("count"));
        assertThat(weighted.numbers("running_var"))
                .containsExactly(repeated.numbers("running_var"), within(1e-14));
        Answer fraction = step(client.layer(""), "[[1,2],[3,4]]", "\"weights\": [0.5,0.75]");
        assertThat(fraction.field("count").toString()).isEqualTo("1.25");
    }

    @Test
    void weightsOfOneChangeNoBit() throws IOException {
        Answer plain = client.train(client.layer(""), "[[1,2],[3,4],[5,7]]");
        Answer weighted = step(client.layer(""), "[[1,2],[3,4],[5,7]]", "\"weights\": [1,1,1]");
        assertThat(weighted.field("output")).isEqualTo(plain.field("output"));
        assertThat(weighted.field("running_var")).isEqualTo(plain.field("running_var"));
    }

    @Test
    void aBatchInWhichNothingCountsIsAnEmptyOne() throws IOException {
        String layer = client.layer("\"beta\": [7,8]");
        String before = client.get(layer).body();
        Answer step = step(layer, "[[1,2],[3,4]]", "\"mask\": [0,0]");
        assertThat(client.get(layer).body()).isEqualTo(before);
        assertThat(step.field("count").intValue()).isZero();
        assertThat(step.field("batch_mean").isNull()).isTrue();
        assertThat(step.numbers("output")).containsExactly(7, 8, 7, 8);
        Answer gradients = client.backward(layer, step, "[[1,2],[3,4]]");
        assertThat(gradients.numbers("grad_input")).containsExactly(0, 0, 0, 0);
        assertThat(gradients.numbers("grad_beta")).containsExactly(4, 6);
    }

    @Test
    void theContextRemembersWhatCounted() throws IOException {
        String layer = client.layer("");
        String weighting = "\"mask\": [1,1,1,0], \"weights\": [1,2,0.5,1]";
        Answer forward = step(layer, "[[1,2],[3,4],[5,6],[7,7]]", weighting);
        Answer stateless =
                client.post(
                        layer + "/backward",
                        "{\"input\": [[1,2],[3,4],[5,6],[7,7]], \"grad_output\": %s, %s}"
                                .formatted(GRADIENT, weighting));
        assertThat(client.backward(layer, forward, GRADIENT).json())
                .isEqualTo(stateless.expect(200).json());
    }

    @Test
    void aRetryOfAWeightedStepIsAnsweredAlike() throws IOException {
        String layer = client.layer("");
        String body = "{\"input\": [[1,2],[3,4],[5,6]], \"weights\": [0.5,0.25,1]}";
        Answer first = client.post(layer + "/forward-train", body, "Idempotency-Key", "w");
        Answer again = client.post(layer + "/forward-train", body, "Idempotency-Key", "w");
        assertThat(again.header("Idempotency-Replayed")).isEqualTo("true");
        assertThat(again.json()).isEqualTo(first.expect(200).json());
        String other = body.replace("0.25", "0.75");
        client.post(layer + "/forward-train", other, "Idempotency-Key", "w")
                .expectProblem(422, "idempotency-key-reused");
    }

    private Answer step(String layer, String input, String weighting) throws IOException {
        return client.post(
                        layer + "/forward-train", "{\"input\": %s, %s}".formatted(input, weighting))
                .expect(200);
    }
}
