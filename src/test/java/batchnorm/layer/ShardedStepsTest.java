package batchnorm.layer;

import static batchnorm.layer.Registry.BATCH;
import static batchnorm.layer.Registry.NAME;
import static batchnorm.layer.Registry.PYTORCH;
import static batchnorm.layer.Registry.unchanged;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import batchnorm.layer.LayerPatch.Vector;
import batchnorm.normalization.Convention;
import batchnorm.normalization.InvalidConfig;
import batchnorm.normalization.Moments;
import batchnorm.normalization.NonFiniteResult;
import batchnorm.normalization.ShapeMismatch;
import batchnorm.normalization.Variant;
import batchnorm.tensor.Shape;
import batchnorm.tensor.Tensor;
import java.nio.file.Path;
import java.util.List;
import java.util.Objects;
import java.util.Set;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// Tests a batch of three rows in shards of two and one. The collective package tests groups of
/// workers.
class ShardedStepsTest {
    private static final Tensor TWO_ROWS = Tensor.of(Shape.of(2, 2), 1.0, 2.0, 3.0, 4.0);
    private static final Tensor ONE_ROW = Tensor.of(Shape.of(1, 2), 5.0, 6.0);

    private final Registry registry;
    private final ShardedSteps steps;

    ShardedStepsTest(@TempDir Path directory) {
        registry = new Registry(directory);
        steps =
                new ShardedSteps(
                        registry.layers, registry.store, registry.contexts, registry.operator);
    }

    @AfterEach
    void close() {
        registry.close();
    }

    private Layer create() {
        return registry.layers.create(NAME, PYTORCH, unchanged());
    }

    private TrainedShards run(TrainRequest training) {
        List<Shard> shards = List.of(steps.shard(NAME, TWO_ROWS), steps.shard(NAME, ONE_ROW));
        return steps.run(NAME, shards, training);
    }

    @Test
    void countOnceAndNormalizeWithTheStatisticsOfAll() {
        Layer before = create();
        TrainedShards trained = run(TrainRequest.PLAIN);
        assertThat(trained.step().batch().mean()).containsExactly(3, 4);
        assertThat(trained.step().batch().count()).isEqualTo(3);
        assertThat(trained.layer()).isEqualTo(before);
        assertThat(trained.tag()).isEqualTo(before.incarnation() + "-2");
        assertThat(trained.commitNanos()).isPositive();
        assertThat(registry.layers.get(NAME).batches()).isEqualTo(1);

        TrainResult whole = registry.passes.forwardTrain(NAME, BATCH, TrainRequest.PLAIN);
        assertThat(trained.outputs()).hasSize(2);
        Tensor last = Objects.requireNonNull(trained.outputs().get(1));
        assertThat(last.at(0)).isEqualTo(whole.output().at(4), within(1e-15));
        assertThat(Objects.requireNonNull(trained.passes().get(0)).shape())
                .isEqualTo(Shape.of(2, 2));
    }

    @Test
    void takeAShardThatStaysWithItsOwner() {
        create();
        Moments moments = Moments.of(2, new double[] {2, 3}, new double[] {2, 2});
        List<Shard> shards = List.of(steps.shard(NAME, moments), steps.shard(NAME, ONE_ROW));
        TrainedShards trained = steps.run(NAME, shards, TrainRequest.PLAIN);
        assertThat(trained.step().batch().mean()).containsExactly(3, 4);
        assertThat(trained.passes().getFirst()).isNull();
        assertThat(trained.outputs().getFirst()).isNull();
        assertThat(trained.outputs().getLast()).isNotNull();
    }

    @Test
    void happenOnceUnderTheirKey() {
        create();
        TrainRequest keyed = new TrainRequest(false, Precondition.NONE, "key", "request");
        TrainedShards first = run(keyed);
        TrainedShards again = run(keyed);
        assertThat(again.step().version()).isEqualTo(first.step().version());
        assertThat(again.tag()).isEqualTo(first.tag());
        assertThat(again.outputs()).hasSize(2);
        assertThat(registry.layers.get(NAME).batches()).isEqualTo(1);
    }

    @Test
    void areMadeOnlyAtTheVersionThatWasMeant() {
        create();
        TrainRequest late =
                new TrainRequest(false, new Precondition(Set.of("other-1")), null, null);
        assertThatThrownBy(() -> run(late)).isInstanceOf(VersionMismatch.class);
        assertThat(registry.layers.get(NAME).batches()).isZero();
    }

    @Test
    void needTheStatisticsOfTheBatch() {
        Variant frozen = new Variant(true, false, 0, null, null);
        registry.layers.create(NAME, PYTORCH.with(frozen), unchanged());
        assertThatThrownBy(() -> run(TrainRequest.PLAIN))
                .isInstanceOf(InvalidConfig.class)
                .hasMessageStartingWith("a batch that comes in parts");
    }

    @Test
    void nameTheRankWhoseOutputOverflows() {
        create();
        double most = Double.MAX_VALUE;
        registry.layers.revise(
                NAME,
                Precondition.NONE,
                unchanged()
                        .with(Vector.GAMMA, new double[] {most / 2, 1})
                        .with(Vector.BETA, new double[] {most / 1.5, 0}));
        assertThatThrownBy(() -> run(TrainRequest.PLAIN))
                .isInstanceOf(NonFiniteResult.class)
                .hasMessageStartingWith("rank 1: ");
        assertThat(registry.layers.get(NAME).batches()).isZero();
    }

    @Test
    void refuseAShardOfOtherChannels() {
        registry.layers.create(NAME, PYTORCH, unchanged().withFeatures(3));
        assertThatThrownBy(() -> steps.shard(NAME, ONE_ROW)).isInstanceOf(ShapeMismatch.class);
        Moments moments = Moments.of(2, new double[] {2, 3}, new double[] {2, 2});
        assertThatThrownBy(() -> steps.shard(NAME, moments)).isInstanceOf(ShapeMismatch.class);
    }

    /// A layer's channel axis may change between a worker's request and the step.
    @Test
    void takeAShardsMomentsAgainWhenTheKnobsHaveChanged() {
        create();
        Shard shard = steps.shard(NAME, TWO_ROWS);
        assertThat(shard.moments(PYTORCH, registry.operator)).isSameAs(shard.moments());
        Moments again = shard.moments(Convention.MXNET.config(), registry.operator);
        assertThat(again).isNotSameAs(shard.moments());
        assertThat(again.mean()).containsExactly(2, 3);
        Moments given = Moments.of(2, new double[] {2, 3}, new double[] {2, 2});
        assertThat(steps.shard(NAME, given).moments(Convention.MXNET.config(), registry.operator))
                .isSameAs(given);
    }
}
