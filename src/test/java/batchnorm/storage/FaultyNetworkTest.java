package batchnorm.storage;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import batchnorm.layer.CommitOutcomeUnknown;
import batchnorm.layer.Layer;
import batchnorm.layer.LayerName;
import batchnorm.layer.StoreUnavailable;
import batchnorm.normalization.BatchStatistics;
import java.io.IOException;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/// Two replicas and their database, behind a network that loses responses, is cut, and recovers.
@Tag("slow")
@Tag("fault")
class FaultyNetworkTest {
    private static final LayerName NAME = Samples.name("layer");
    private static final int STEPS = Integer.getInteger("batchnorm.network.steps", 320);
    private static final int WRITERS = 16;

    private final String database = PostgresServer.newDatabase();
    private FaultyNetwork network;
    private List<PostgresLayerStore> replicas;
    private Layer first;

    @BeforeEach
    void open() throws IOException {
        network = new FaultyNetwork(PostgresServer.port());
        replicas = List.of(replica(), replica());
        first = Samples.create(replicas.getFirst(), Samples.layer(NAME, 8));
    }

    private PostgresLayerStore replica() {
        return new PostgresLayerStore(
                PostgresServer.settings(
                        PostgresServer.url(database, network.port()),
                        KeyLimits.DEFAULT,
                        Duration.ofSeconds(3)),
                Samples.CLOCK);
    }

    @AfterEach
    void close() throws IOException {
        network.close();
        replicas.forEach(PostgresLayerStore::close);
    }

    private TrainingClient client(int writer) {
        return new TrainingClient(replicas.get(writer % 2), NAME);
    }

    private Layer stored() {
        return replicas.getFirst().read(NAME).orElseThrow();
    }

    @Test
    void countsEveryStepOnceThoughAnswersAreLost() throws Exception {
        History history = new History();
        network.loseCommits(0.3);
        Writers.inParallel(
                WRITERS,
                writer -> {
                    for (int i = 0; i < STEPS / WRITERS; i++) {
                        String key = writer + "-" + i;
                        BatchStatistics batch = Samples.batch(key.hashCode(), 8);
                        history.add(client(writer).persist(key, batch));
                    }
                    return writer;
                });
        network.loseCommits(0);
        assertThat(network.dropped()).as("lost responses").isPositive();
        assertThat(history.violations(first, stored())).isEmpty();
        assertThat(stored().batches()).isEqualTo((long) STEPS / WRITERS * WRITERS);
    }

    /// The control: the same check detects the same fault when a retry has no idempotency key.
    @Test
    void aRetryWithoutItsKeyIsCaught() {
        History history = new History();
        network.loseCommits(1);
        assertThatExceptionOfType(CommitOutcomeUnknown.class)
                .isThrownBy(() -> client(0).step("first try", Samples.batch(0, 8)));
        network.loseCommits(0);
        history.add(client(0).persist("second try", Samples.batch(0, 8)));
        assertThat(history.violations(first, stored())).anyMatch(v -> v.startsWith("doubled"));
    }

    @Test
    void aSilentNetworkEndsInAClearAnswerAndIsForgotten() throws Exception {
        assertThat(client(0).step("before", Samples.batch(0, 8))).isEqualTo(2);
        network.fallSilent();
        long begun = System.nanoTime();
        assertThatThrownBy(() -> client(0).step("during", Samples.batch(1, 8)))
                .isInstanceOfAny(StoreUnavailable.class, CommitOutcomeUnknown.class);
        assertThatExceptionOfType(StoreUnavailable.class).isThrownBy(this::stored);
        assertThat(Duration.ofNanos(System.nanoTime() - begun)).isLessThan(Duration.ofSeconds(9));
        network.recover();
        assertThat(client(0).persist("during", Samples.batch(1, 8)).version()).isEqualTo(3);
        assertThat(stored().version()).isEqualTo(3);
    }
}
