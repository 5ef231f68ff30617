package batchnorm.layer;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import batchnorm.kernel.ScalarKernel;
import batchnorm.layer.LayerPatch.Vector;
import batchnorm.normalization.BatchNormalization;
import batchnorm.normalization.Convention;
import batchnorm.normalization.ForwardPass;
import batchnorm.normalization.NonFiniteResult;
import batchnorm.normalization.NonFiniteValue;
import batchnorm.storage.SqliteLayerStore;
import batchnorm.storage.SqliteSettings;
import batchnorm.tensor.Shape;
import batchnorm.tensor.Tensor;
import java.nio.file.Path;
import java.time.Duration;
import java.time.InstantSource;
import java.util.Objects;
import java.util.Set;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class TrainingStepsTest {
    private static final LayerName NAME = new LayerName("demo");
    private static final Tensor BATCH = Tensor.of(Shape.of(3, 2), 1.0, 2.0, 3.0, 4.0, 5.0, 6.0);
    private static final Tensor OTHER = Tensor.of(Shape.of(3, 2), 1.0, 2.0, 3.0, 4.0, 5.0, 7.0);

    private final InstantSource clock = InstantSource.system();
    private final SqliteLayerStore sqlite;
    private final Interruptible store;
    private final ContextStore contexts;
    private final Layers layers;
    private final Passes passes;

    TrainingStepsTest(@TempDir Path directory) {
        sqlite = new SqliteLayerStore(SqliteSettings.in(directory), clock);
        store = new Interruptible(sqlite);
        contexts =
                new ContextStore(
                        1 << 20, Duration.ofMinutes(1), clock, new Replica("here", store.secret()));
        layers = new Layers(store, contexts, clock);
        passes = new Passes(layers, store, contexts, new BatchNormalization(new ScalarKernel()));
    }

    @BeforeEach
    void create() {
        layers.create(NAME, Convention.PYTORCH.config(), new LayerPatch(config -> config));
    }

    @AfterEach
    void close() {
        sqlite.close();
    }

    @Test
    void aRetryAnswersTheSameBitsAndCountsOnce() {
        TrainResult first = passes.forwardTrain(NAME, BATCH, keyed("k", "f"));
        passes.forwardTrain(NAME, OTHER, TrainRequest.PLAIN);
        TrainResult again = passes.forwardTrain(NAME, BATCH, keyed("k", "f"));

        assertThat(again.replayed()).isTrue();
        assertThat(again.version()).isEqualTo(first.version());
        assertThat(again.tag()).isEqualTo(first.tag());
        assertThat(again.contextId()).isEqualTo(first.contextId());
        assertThat(again.alpha()).isEqualTo(first.alpha());
        assertThat(again.output().toDoubles()).isEqualTo(first.output().toDoubles());
        assertThat(again.batch().mean()).isEqualTo(first.batch().mean());
        assertThat(running(again)).isEqualTo(running(first));
        assertThat(layers.get(NAME).batches()).isEqualTo(2);
    }

    @Test
    void aRetryUsesTheParametersOfItsStepAndBringsItsContextBack() {
        TrainResult first = passes.forwardTrain(NAME, BATCH, keyed("k", "f"));
        Tensor gradient = passes.backward(NAME, contextOf(first), OTHER).input();
        layers.revise(NAME, Precondition.NONE, gamma(7, 7));
        contexts.forget(layers.get(NAME));
        TrainResult again = passes.forwardTrain(NAME, BATCH, keyed("k", "f"));

        assertThat(again.output().toDoubles()).isEqualTo(first.output().toDoubles());
        assertThat(passes.backward(NAME, contextOf(again), OTHER).input().toDoubles())
                .isEqualTo(gradient.toDoubles());
        assertThat(layers.get(NAME).batches()).isEqualTo(1);
    }

    @Test
    void aKeyBelongsToOneRequest() {
        passes.forwardTrain(NAME, BATCH, keyed("k", "f"));
        assertThatThrownBy(() -> passes.forwardTrain(NAME, OTHER, keyed("k", "g")))
                .isInstanceOf(IdempotencyKeyReused.class);
    }

    @Test
    void aKeyDoesNotOutliveItsLayer() {
        passes.forwardTrain(NAME, BATCH, keyed("k", "f"));
        layers.delete(NAME, Precondition.NONE);
        create();
        assertThat(passes.forwardTrain(NAME, OTHER, keyed("k", "g")).replayed()).isFalse();
    }

    @Test
    void aKeyInProgressIsRefused() {
        store.before =
                () ->
                        assertThatThrownBy(() -> passes.forwardTrain(NAME, BATCH, keyed("k", "f")))
                                .isInstanceOf(IdempotencyKeyInProgress.class);
        passes.forwardTrain(NAME, BATCH, keyed("k", "f"));
        assertThat(layers.get(NAME).batches()).isEqualTo(1);
    }

    /// Two replicas that receive the same request.
    @Test
    void aStepThatAnotherReplicaHasMadeMeanwhileIsAnsweredAgain() {
        Passes elsewhere =
                new Passes(layers, store, contexts, new BatchNormalization(new ScalarKernel()));
        TrainResult[] first = new TrainResult[1];
        store.before = () -> first[0] = elsewhere.forwardTrain(NAME, BATCH, keyed("k", "f"));
        TrainResult second = passes.forwardTrain(NAME, BATCH, keyed("k", "f"));
        assertThat(second.replayed()).isTrue();
        assertThat(second.version()).isEqualTo(first[0].version());
        assertThat(second.contextId()).isEqualTo(first[0].contextId());
        assertThat(contexts.size()).as("no context but that of the one step").isEqualTo(1);
        assertThat(layers.get(NAME).batches()).isEqualTo(1);
    }

    @Test
    void parametersThatChangeMeanwhileAreThoseOfTheOutput() {
        passes.forwardTrain(NAME, BATCH, TrainRequest.PLAIN);
        store.before = () -> layers.revise(NAME, Precondition.NONE, gamma(10, 10));
        TrainResult trained = passes.forwardTrain(NAME, BATCH, TrainRequest.PLAIN);
        assertThat(trained.output().at(5)).isEqualTo(12.247425750014138);
        assertThat(trained.version()).isEqualTo(4);
        assertThat(layers.get(NAME).batches()).isEqualTo(2);
    }

    @Test
    void runningStatisticsThatChangeMeanwhileDoNotMatter() {
        passes.forwardTrain(NAME, BATCH, TrainRequest.PLAIN);
        store.before = () -> passes.forwardTrain(NAME, OTHER, TrainRequest.PLAIN);
        assertThat(passes.forwardTrain(NAME, BATCH, TrainRequest.PLAIN).version()).isEqualTo(4);
        assertThat(store.writes).as("create, three steps, none of them twice").isEqualTo(4);
    }

    @Test
    void aStepThatFailsChangesNothingAndKeepsNothing() {
        passes.forwardTrain(NAME, BATCH, TrainRequest.PLAIN);
        Layer before = layers.get(NAME);
        long promised = contexts.promisedBytes();
        Tensor spoiled = Tensor.of(Shape.of(2, 2), 1, 2, Double.NaN, 4);
        assertThatThrownBy(() -> passes.forwardTrain(NAME, spoiled, TrainRequest.PLAIN))
                .isInstanceOf(NonFiniteValue.class);
        Tensor huge = Tensor.of(Shape.of(2, 2), 1, 2, 1e300, 4);
        assertThatThrownBy(() -> passes.forwardTrain(NAME, huge, TrainRequest.PLAIN))
                .isInstanceOf(NonFiniteResult.class);
        assertThat(layers.get(NAME)).isSameAs(before);
        assertThat(contexts.promisedBytes()).isEqualTo(promised);
    }

    @Test
    void aStatelessBackwardIsTheBackwardOfTheContext() {
        TrainResult trained = passes.forwardTrain(NAME, BATCH, TrainRequest.PLAIN);
        Tensor expected = passes.backward(NAME, contextOf(trained), OTHER).input();
        Tensor again =
                passes.backward(
                                NAME,
                                StatelessBackward.of(
                                        BATCH, ForwardPass.Mode.TRAIN, trained.batch()),
                                OTHER)
                        .input();
        assertThat(again.toDoubles()).isEqualTo(expected.toDoubles());
    }

    private static TrainRequest keyed(String key, String fingerprint) {
        return new TrainRequest(true, Precondition.NONE, key, fingerprint);
    }

    private static LayerPatch gamma(double... values) {
        return new LayerPatch(config -> config).with(Vector.GAMMA, values);
    }

    private static String contextOf(TrainResult trained) {
        return Objects.requireNonNull(trained.contextId());
    }

    private static double[] running(TrainResult trained) {
        return Objects.requireNonNull(trained.running()).variance();
    }

    /// The real store, with a hook that runs before the next change.
    private static final class Interruptible extends ForwardingStore {
        private @Nullable Runnable before;
        private int writes;

        Interruptible(LayerStore store) {
            super(store);
        }

        @Override
        public <T extends @Nullable Object> T writeAll(
                Set<LayerName> names, Function<Transactions, T> work) {
            Runnable first = before;
            before = null;
            if (first != null) {
                first.run();
            }
            writes++;
            return super.writeAll(names, work);
        }
    }
}
