package batchnorm.service.layers;

import static org.assertj.core.api.Assertions.assertThat;

import batchnorm.service.Answer;
import batchnorm.service.Client;
import batchnorm.service.ServiceUnderTest;
import java.io.IOException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

/// Tests snapshots: taken, compared and restored.
@ExtendWith(ServiceUnderTest.Shared.class)
class SnapshotsOverHttpTest {
    private static final String X = "[[1,2],[3,4],[5,6]]";
    private final Client client;

    SnapshotsOverHttpTest(Client client) {
        this.client = client;
    }

    @Test
    void aSnapshotIsTheLayerAsItWas() throws IOException {
        String layer = client.layer("\"features\": 2");
        client.train(layer, X);
        Answer then = client.get(layer);
        Answer taken = client.post(layer + "/snapshots", "{\"label\": \"one\"}").expect(201);
        String path = layer + "/snapshots/" + taken.field("id");
        assertThat(taken.header("Location")).endsWith(path);
        client.train(layer, X);
        Answer snapshot = client.get(path).expect(200);
        for (String same : new String[] {"version", "config", "gamma", "running_var"}) {
            assertThat(snapshot.field(same)).as(same).isEqualTo(then.field(same));
        }
        assertThat(client.get(layer + "/snapshots").field("snapshots").get(0))
                .isEqualTo(taken.json());
    }

    @Test
    void aRestoredLayerGoesOnFromThere() throws IOException {
        String layer = client.layer("\"features\": 2");
        Answer first = client.train(layer, X);
        client.send("POST", layer + "/snapshots", null).expect(201);
        client.train(layer, "[[9,9],[7,5]]");
        client.patch(layer, "{\"epsilon\": 0.5, \"gamma\": [3,3], \"freeze_parameters\": true}");
        String stale = client.get(layer).header("ETag");
        client.train(layer, X);
        client.send("POST", layer + "/snapshots/1/restore", null, "If-Match", stale)
                .expectProblem(412, "version-mismatch");
        Answer restored = client.send("POST", layer + "/snapshots/1/restore", null).expect(200);
        assertThat(restored.field("version").intValue()).isEqualTo(6);
        assertThat(restored.header("ETag")).isEqualTo(client.get(layer).header("ETag"));
        assertThat(restored.field("running_mean")).isEqualTo(first.field("running_mean"));
        assertThat(restored.numbers("gamma")).containsExactly(1, 1);
        assertThat(restored.field("config").get("epsilon").doubleValue()).isEqualTo(1e-5);
        assertThat(client.train(layer, X).field("num_batches_tracked").intValue()).isEqualTo(2);
    }

    @Test
    void aComparisonNamesTheLargestDifferenceOfEachVector() throws IOException {
        String layer = client.layer("\"features\": 2, \"beta\": [1, 2]");
        client.send("POST", layer + "/snapshots", null).expect(201);
        client.patch(layer, "{\"beta\": [1.5, -1], \"epsilon\": 0.5}").expect(200);
        client.send("POST", layer + "/snapshots", null).expect(201);
        client.patch(layer, "{\"beta\": [1.5, 0]}").expect(200);
        Answer both = client.get(layer + "/snapshots/compare?from=1&to=2").expect(200);
        assertThat(both.field("vectors").get(1).toString())
                .isEqualTo("{\"vector\":\"beta\",\"max_difference\":3.0,\"channel\":1}");
        assertThat(both.field("vectors").get(0).get("max_difference").doubleValue()).isZero();
        assertThat(both.field("knobs").get(0).get("knob").stringValue()).isEqualTo("epsilon");
        assertThat(both.field("knobs").size()).isEqualTo(1);
        Answer now = client.get(layer + "/snapshots/compare?from=2").expect(200);
        assertThat(now.field("to").stringValue()).isEqualTo("current");
        assertThat(now.field("vectors").get(1).get("max_difference").doubleValue()).isEqualTo(1);
    }

    @Test
    void aDeletedSnapshotIsGone() throws IOException {
        String layer = client.layer("");
        client.send("POST", layer + "/snapshots", null).expect(201);
        client.delete(layer + "/snapshots/1").expect(204);
        client.get(layer + "/snapshots/1").expectProblem(404, "snapshot-not-found");
        assertThat(client.get(layer + "/snapshots").field("snapshots").size()).isZero();
    }

    @Test
    void aLayerHasABoundedNumberOfThem() throws IOException {
        String layer = client.layer("");
        for (int i = 0; i < 32; i++) {
            client.send("POST", layer + "/snapshots", null).expect(201);
        }
        client.send("POST", layer + "/snapshots", null).expectProblem(409, "snapshot-limit");
    }
}
