package batchnorm.service.passes;

import static org.assertj.core.api.Assertions.assertThat;

import batchnorm.service.Answer;
import batchnorm.service.Client;
import batchnorm.service.ServiceUnderTest;
import java.io.IOException;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/// Tests a service with a context budget of a few dozen small batches.
class ContextBudgetTest {
    private static final String INPUT = "[[1,2],[3,4]]";
    private static final String TRAIN = "{\"input\": %s}".formatted(INPUT);
    private static final String TRAIN_ONLY =
            "{\"input\": %s, \"save_context\": false}".formatted(INPUT);

    private static ServiceUnderTest service;

    @BeforeAll
    static void start() throws IOException {
        service = new ServiceUnderTest("batchnorm.contexts.max-bytes=20000");
    }

    @AfterAll
    static void stop() throws IOException {
        service.close();
    }

    private final Client client = service.client();
    private String layer;

    @BeforeEach
    void create() throws IOException {
        layer = client.layer("\"features\": 2");
    }

    /// Its contexts are deleted with it.
    @AfterEach
    void delete() throws IOException {
        client.delete(layer);
    }

    @Test
    void aTrainingLoopRunsForEverInAFixedBudget() throws IOException {
        for (int step = 0; step < 200; step++) {
            client.backward(layer, client.train(layer, INPUT), INPUT);
        }
    }

    @Test
    void aLoopWithoutBackwardIsAdvisedToSaveNoContexts() throws IOException {
        int trained = 0;
        Answer answer = client.post(layer + "/forward-train", TRAIN);
        while (answer.status() == 200 && trained < 200) {
            trained++;
            answer = client.post(layer + "/forward-train", TRAIN);
        }
        answer.expectProblem(429, "context-budget");
        assertThat(answer.detail()).contains("save_context").contains("false");
        assertThat(client.get(layer).field("num_batches_tracked").longValue()).isEqualTo(trained);

        client.post(layer + "/forward-train", TRAIN_ONLY).expect(200);
        client.infer(layer, INPUT);
    }

    /// Contexts live for ten minutes, so a retry after a second is useless.
    @Test
    void aRefusalNamesTheTimeUntilTheOldestContextExpires() throws IOException {
        Answer answer = client.post(layer + "/forward-train", TRAIN);
        for (int trained = 0; answer.status() == 200 && trained < 200; trained++) {
            answer = client.post(layer + "/forward-train", TRAIN);
        }
        answer.expectProblem(429, "context-budget");
        assertThat(Integer.parseInt(answer.header("Retry-After"))).isBetween(540, 600);
    }

    @Test
    void aDeletedLayerLeavesItsRoomToOthers() throws IOException {
        for (int i = 0; i < 10; i++) {
            String another = client.layer("\"features\": 2");
            for (int step = 0; step < 10; step++) {
                client.train(another, INPUT);
            }
            client.delete(another).expect(204);
        }
    }

    @Test
    void anUnusedContextIsNeverDroppedForANewOne() throws IOException {
        Answer first = client.train(layer, INPUT);
        for (int step = 0; step < 100; step++) {
            client.backward(layer, client.train(layer, INPUT), INPUT);
        }
        client.backward(layer, first, INPUT);
    }

    @Test
    void aUsedContextMakesRoomAndIsThenGone() throws IOException {
        Answer first = client.train(layer, INPUT);
        client.backward(layer, first, INPUT);
        client.backward(layer, first, INPUT); // a retry within the budget
        for (int step = 0; step < 100; step++) {
            client.backward(layer, client.train(layer, INPUT), INPUT);
        }
        String retry =
                "{\"context_id\": %s, \"grad_output\": %s}"
                        .formatted(first.field("context_id"), INPUT);
        Answer gone = client.post(layer + "/backward", retry).expectProblem(410, "context-gone");
        assertThat(gone.detail()).contains("input");
    }
}
