package batchnorm.layer;

import static batchnorm.layer.Registry.BATCH;
import static batchnorm.layer.Registry.NAME;
import static batchnorm.layer.Registry.PYTORCH;
import static batchnorm.layer.Registry.features;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import batchnorm.layer.LayerPatch.Vector;
import batchnorm.normalization.Aggregation;
import batchnorm.normalization.Aggregation.CounterPolicy;
import batchnorm.normalization.Aggregation.ParameterPolicy;
import batchnorm.normalization.Aggregation.StatisticsPolicy;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Set;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// Tests aggregations between other changes of the same layers.
class AggregationsTest {
    private static final LayerName SOURCE = new LayerName("source");
    private static final Aggregation POOLED =
            new Aggregation(StatisticsPolicy.POOLED, ParameterPolicy.AVERAGE, CounterPolicy.SUM);

    private final Registry registry;
    private final Layers layers;

    AggregationsTest(@TempDir Path directory) {
        registry = new Registry(directory);
        layers = registry.layers;
    }

    @BeforeEach
    void createLayers() {
        layers.create(NAME, PYTORCH, features(2));
        layers.create(SOURCE, PYTORCH, features(2));
    }

    @AfterEach
    void close() {
        registry.close();
    }

    /// A store with a change that becomes durable just before the first transaction.
    private final class Interrupted extends ForwardingStore {
        private @Nullable Runnable change;

        Interrupted(Runnable change) {
            super(registry.store);
            this.change = change;
        }

        @Override
        public <T extends @Nullable Object> T writeAll(
                Set<LayerName> names, Function<Transactions, T> work) {
            Runnable first = change;
            change = null;
            if (first != null) {
                first.run();
            }
            return super.writeAll(names, work);
        }
    }

    @Test
    void takeTheSourcesAsTheyAreInTheTransaction() {
        Runnable training = () -> registry.passes.forwardTrain(SOURCE, BATCH, TrainRequest.PLAIN);
        Aggregations interrupted = new Aggregations(layers, new Interrupted(training));
        Layer aggregated = interrupted.apply(NAME, of(SOURCE)).layer();
        Layer source = layers.get(SOURCE);
        assertThat(source.batches()).isEqualTo(1);
        assertThat(aggregated.batches()).isEqualTo(1);
        assertThat(aggregated.running()).usingRecursiveComparison().isEqualTo(source.running());
        assertThat(layers.get(NAME)).isEqualTo(aggregated);
    }

    @Test
    void takeTheLayerItselfAsItIsInTheTransaction() {
        Runnable training = () -> registry.passes.forwardTrain(NAME, BATCH, TrainRequest.PLAIN);
        Aggregations interrupted = new Aggregations(layers, new Interrupted(training));
        Layer aggregated = interrupted.apply(NAME, of(NAME, SOURCE)).layer();
        assertThat(aggregated.version()).isEqualTo(3);
        assertThat(aggregated.batches()).isEqualTo(1);
    }

    @Test
    void changeNothingWhenASourceIsDeletedMeanwhile() {
        Runnable deletion = () -> layers.delete(SOURCE, Precondition.NONE);
        Aggregations interrupted = new Aggregations(layers, new Interrupted(deletion));
        assertThatThrownBy(() -> interrupted.apply(NAME, of(SOURCE)))
                .isInstanceOf(LayerNotFound.class)
                .hasMessageContaining("source");
        assertThat(layers.get(NAME).version()).isEqualTo(1);
    }

    /// Two requests with one key, both past the first look for a record.
    @Test
    void areMadeOncePerKey() {
        Aggregations plain = new Aggregations(layers, registry.store);
        AggregateRequest keyed = keyed("the request", SOURCE);
        Runnable twin = () -> assertThat(plain.apply(NAME, keyed).replayed()).isFalse();
        Aggregated second = new Aggregations(layers, new Interrupted(twin)).apply(NAME, keyed);
        assertThat(second.replayed()).isTrue();
        assertThat(second.layer()).usingRecursiveComparison().isEqualTo(layers.get(NAME));
        assertThat(layers.get(NAME).version()).isEqualTo(2);
        assertThatThrownBy(() -> plain.apply(NAME, keyed("another", SOURCE)))
                .isInstanceOf(IdempotencyKeyReused.class);
    }

    /// A training step after the aggregation, in the record that it is stored with.
    @Test
    void areRecordedBetweenTrainingSteps() {
        Aggregations plain = new Aggregations(layers, registry.store);
        layers.revise(
                SOURCE,
                Precondition.NONE,
                Registry.unchanged().with(Vector.RUNNING_MEAN, new double[] {7, 8}));
        TrainRequest before = new TrainRequest(false, Precondition.NONE, "before", "before");
        TrainRequest after = new TrainRequest(false, Precondition.NONE, "after", "after");
        registry.passes.forwardTrain(NAME, BATCH, before);
        Layer aggregated = plain.apply(NAME, keyed("the request", SOURCE)).layer();
        registry.passes.forwardTrain(NAME, BATCH, after);
        assertThat(plain.apply(NAME, keyed("the request", SOURCE)).layer())
                .usingRecursiveComparison()
                .isEqualTo(aggregated);
        assertThat(registry.passes.forwardTrain(NAME, BATCH, after).version()).isEqualTo(4);
        assertThat(layers.get(NAME).batches()).isEqualTo(1);
    }

    private static AggregateRequest of(LayerName... sources) {
        return request(null, null, sources);
    }

    private static AggregateRequest keyed(String fingerprint, LayerName... sources) {
        return request("key", fingerprint, sources);
    }

    private static AggregateRequest request(
            @Nullable String key, @Nullable String fingerprint, LayerName... sources) {
        double[] weights = new double[sources.length];
        Arrays.fill(weights, 1);
        return new AggregateRequest(
                POOLED, List.of(sources), weights, List.of(), Precondition.NONE, key, fingerprint);
    }
}
