package batchnorm.collective;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import batchnorm.kernel.ScalarKernel;
import batchnorm.layer.CommitOutcomeUnknown;
import batchnorm.layer.ContextStore;
import batchnorm.layer.ForwardingStore;
import batchnorm.layer.Layer;
import batchnorm.layer.LayerName;
import batchnorm.layer.LayerPatch;
import batchnorm.layer.LayerStore;
import batchnorm.layer.Layers;
import batchnorm.layer.Precondition;
import batchnorm.layer.Replica;
import batchnorm.layer.ShardedSteps;
import batchnorm.normalization.BatchNormalization;
import batchnorm.normalization.Convention;
import batchnorm.storage.SqliteLayerStore;
import batchnorm.storage.SqliteSettings;
import batchnorm.tensor.Shape;
import batchnorm.tensor.Tensor;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.time.InstantSource;
import java.util.Optional;
import java.util.Set;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// The store fails after a commit, before it reports the outcome. A retry of the same request is
/// counted once.
@Tag("fault")
class UnknownOutcomeTest {
    private static final LayerName NAME = new LayerName("demo");
    private static final Tensor BATCH = Tensor.of(Shape.of(3, 2), 1.0, 2.0, 3.0, 4.0, 5.0, 6.0);

    private final InstantSource clock = InstantSource.system();
    private final SqliteLayerStore sqlite;
    private final Lossy store;
    private final Layers layers;
    private final SyncGroups groups;
    private final Accumulations accumulations;

    UnknownOutcomeTest(@TempDir Path directory) {
        sqlite = new SqliteLayerStore(SqliteSettings.in(directory), clock);
        store = new Lossy(sqlite);
        Replica here = new Replica("here", store.secret());
        ContextStore contexts = new ContextStore(1 << 20, Duration.ofMinutes(1), clock, here);
        BatchNormalization operator = new BatchNormalization(new ScalarKernel());
        layers = new Layers(store, contexts, clock);
        ShardedSteps steps = new ShardedSteps(layers, store, contexts, operator);
        CollectiveLimits limits = new CollectiveLimits(9, 9, Duration.ofMinutes(1));
        groups = new SyncGroups(layers, steps, contexts, operator, limits, clock, here);
        accumulations = new Accumulations(layers, steps, contexts, limits, clock, here);
        layers.create(NAME, Convention.PYTORCH.config(), new LayerPatch(config -> config));
    }

    @AfterEach
    void close() {
        sqlite.close();
    }

    @Test
    void aStepOfAGroupIsCountedOnce() {
        String group = groups.open(NAME, 1, Duration.ofSeconds(30)).id();
        SyncPart part = new SyncPart(0, 0, "body");
        store.loses = true;
        assertThatThrownBy(() -> groups.forwardTrain(group, part, BATCH, true))
                .isInstanceOf(CommitOutcomeUnknown.class);
        SyncTrained again = groups.forwardTrain(group, part, BATCH, true);
        assertThat(again.step().version()).isEqualTo(2);
        assertThat(layers.get(NAME).batches()).isEqualTo(1);
    }

    @Test
    void anAccumulationIsCountedOnce() {
        String id = accumulations.open(NAME).id();
        accumulations.add(id, 0L, "body", BATCH);
        store.loses = true;
        assertThatThrownBy(() -> finish(accumulations, id))
                .isInstanceOf(CommitOutcomeUnknown.class);
        Finished again = finish(accumulations, id);
        assertThat(again.version()).isEqualTo(2);
        assertThat(layers.get(NAME).batches()).isEqualTo(1);
    }

    /// The real store, which loses the result of one change.
    private static final class Lossy extends ForwardingStore {
        private boolean loses;

        Lossy(LayerStore store) {
            super(store);
        }

        @Override
        public <T extends @Nullable Object> T writeAll(
                Set<LayerName> names, Function<Transactions, T> work) {
            LayerName name = names.iterator().next();
            Optional<Long> before = read(name).map(Layer::version);
            T result = super.writeAll(names, work);
            if (loses && !read(name).map(Layer::version).equals(before)) {
                loses = false;
                throw new CommitOutcomeUnknown(new IOException("lost"));
            }
            return result;
        }
    }

    private static Finished finish(Accumulations accumulations, String id) {
        return accumulations.finish(
                id, Finished.Apply.STEP, Finished.Policy.POOLED, Precondition.NONE);
    }
}
