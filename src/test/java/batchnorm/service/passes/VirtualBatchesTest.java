package batchnorm.service.passes;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import batchnorm.service.Answer;
import batchnorm.service.Client;
import batchnorm.service.ServiceUnderTest;
import java.io.IOException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

/// Tests virtual batches and Batch Renorm as knobs of a layer.
@ExtendWith(ServiceUnderTest.Shared.class)
class VirtualBatchesTest {
    private static final String FIRST = "[[1,2],[3,4.5]]";
    private static final String SECOND = "[[5,6],[8,7]]";
    private static final String BOTH = "[[1,2],[3,4.5],[5,6],[8,7]]";
    private static final String GRADIENT = "[[1,0],[0,1],[2,2],[0.5,-1]]";
    private final Client client;

    VirtualBatchesTest(Client client) {
        this.client = client;
    }

    @Test
    void virtualBatchesAreLearnedAsIfOneCameAfterAnother() throws IOException {
        String ghosts = client.layer("\"virtual_batch_size\": 2, \"momentum\": null");
        String plain = client.layer("\"momentum\": null");
        Answer step = client.train(ghosts, BOTH);
        Answer first = client.train(plain, FIRST);
        Answer second = client.train(plain, SECOND);
        assertThat(step.field("running_mean")).isEqualTo(second.field("running_mean"));
        assertThat(step.field("running_var")).isEqualTo(second.field("running_var"));
        assertThat(step.field("num_batches_tracked").intValue()).isEqualTo(2);
        assertThat(step.field("alpha")).isEqualTo(second.field("alpha"));
        assertThat(step.field("version").intValue()).isEqualTo(2);
        assertThat(step.numbers("output")).startsWith(first.numbers("output"));
        assertThat(step.numbers("output")).endsWith(second.numbers("output"));
        assertThat(step.numbers("virtual_counts")).containsExactly(2, 2);
        assertThat(step.field("virtual_batch_mean").get(1)).isEqualTo(second.field("batch_mean"));
        assertThat(step.numbers("batch_mean")).containsExactly(4.25, 4.875);
    }

    @Test
    void aBatchNoLargerThanAVirtualOneIsPlain() throws IOException {
        Answer step = client.train(client.layer("\"virtual_batch_size\": 4"), BOTH);
        Answer plain = client.train(client.layer(""), BOTH);
        assertThat(step.json().propertyNames()).isEqualTo(plain.json().propertyNames());
        assertThat(step.field("output")).isEqualTo(plain.field("output"));
    }

    @Test
    void aRetryOfVirtualBatchesWithRenormIsAnsweredAlike() throws IOException {
        String layer =
                client.layer(
                        "\"virtual_batch_size\": 2, \"r_max\": 1.5, \"d_max\": 0.5,"
                                + " \"running_mean\": [2, 3]");
        String path = layer + "/forward-train";
        String body = "{\"input\": %s}".formatted(BOTH);
        Answer first = client.post(path, body, "Idempotency-Key", "v").expect(200);
        client.train(layer, "[[9,9],[7,7]]");
        Answer again = client.post(path, body, "Idempotency-Key", "v").expect(200);
        assertThat(again.header("Idempotency-Replayed")).isEqualTo("true");
        assertThat(again.json()).isEqualTo(first.json());
    }

    @Test
    void renormPullsABatchTowardsTheRunningStatistics() throws IOException {
        String layer = client.layer("\"r_max\": 1e9, \"d_max\": 1e9, \"running_mean\": [2, 3]");
        Answer inferred = client.infer(layer, BOTH);
        Answer step = client.train(layer, BOTH);
        assertThat(step.numbers("output"))
                .containsExactly(inferred.numbers("output"), within(1e-14));
        client.patch(layer, "{\"r_max\": 1, \"d_max\": 0}").expect(200);
        Answer clipped = client.train(layer, BOTH);
        assertThat(clipped.field("output"))
                .isEqualTo(client.train(client.layer(""), BOTH).field("output"));
        client.patch(layer, "{\"r_max\": null, \"d_max\": null}").expect(200);
        assertThat(client.get(layer).field("config").get("r_max").isNull()).isTrue();
    }

    @Test
    void theContextKnowsItsVirtualBatches() throws IOException {
        String layer = client.layer("\"virtual_batch_size\": 3, \"convention\": \"keras\"");
        Answer forward = client.train(layer, BOTH);
        Answer stateless =
                client.post(
                        layer + "/backward",
                        "{\"input\": %s, \"grad_output\": %s}".formatted(BOTH, GRADIENT));
        assertThat(client.backward(layer, forward, GRADIENT).json())
                .isEqualTo(stateless.expect(200).json());
    }
}
