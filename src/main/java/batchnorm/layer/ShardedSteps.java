package batchnorm.layer;

import batchnorm.normalization.BatchNormalization;
import batchnorm.normalization.BatchStatistics;
import batchnorm.normalization.ForwardPass;
import batchnorm.normalization.Moments;
import batchnorm.normalization.NonFiniteResult;
import batchnorm.tensor.Tensor;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/// Runs training steps of sharded batches. All shards are normalized with the statistics of the
/// whole batch, which counts as one. The caller holds the passes for a backward.
public final class ShardedSteps {
    private final Layers layers;
    private final BatchNormalization operator;
    private final TrainingSteps steps;

    public ShardedSteps(
            Layers layers, LayerStore store, ContextStore contexts, BatchNormalization operator) {
        this.layers = layers;
        this.operator = operator;
        this.steps = new TrainingSteps(layers, store, contexts, operator);
    }

    /// Returns a shard with its tensor, checked like a whole batch.
    ///
    /// @throws LayerNotFound and the exceptions of [BatchNormalization#moments]
    public Shard shard(LayerName name, Tensor input) {
        Layer layer = layers.get(name);
        Layer sized = layer.withFeatures(layer.config().layout(input.shape()).channels(), "input");
        return new Shard(input, operator.moments(input, sized.config()), sized.config());
    }

    /// Returns a shard whose tensor stays with the client.
    ///
    /// @throws LayerNotFound, batchnorm.normalization.ShapeMismatch
    public Shard shard(LayerName name, Moments moments) {
        Layer layer = layers.get(name).withFeatures(moments.channels(), "mean");
        return new Shard(null, moments, layer.config());
    }

    /// Makes one step: first the outputs, then the running update, durable on return. The layer is
    /// unchanged on failure.
    ///
    /// @param shards one or more; merged in this order
    /// @param training its `saveContext` is ignored
    /// @throws LayerNotFound, VersionMismatch, IdempotencyKeyReused and the exceptions of
    ///   [BatchNormalization]
    public TrainedShards run(LayerName name, List<Shard> shards, TrainRequest training) {
        while (true) {
            Layer basis = layers.get(name);
            Optional<StepRecord> earlier = steps.recorded(basis, training);
            if (earlier.isPresent()) {
                return normalized(basis, shards, earlier.get(), 0);
            }
            Optional<TrainedShards> done = attempt(basis, shards, training);
            if (done.isPresent()) {
                return done.get();
            }
            // The knobs or parameters changed during the computation, or another replica made the
            // step: retry.
        }
    }

    private Optional<TrainedShards> attempt(
            Layer basis, List<Shard> shards, TrainRequest training) {
        training.precondition().check(basis);
        basis.config().requireOwnStatistics("a batch that comes in parts");
        List<Moments> moments = new ArrayList<>();
        for (Shard shard : shards) {
            moments.add(shard.moments(basis.config(), operator));
        }
        Moments whole = Moments.merge(moments);
        Layer sized = basis.withFeatures(whole.channels(), "input");
        BatchStatistics batch = operator.statistics(whole, sized.config());
        StepRecord uncounted =
                steps.record(basis, sized, sized.version(), batch, List.of(batch), training, null);
        TrainedShards trained = normalized(basis, shards, uncounted, 0);
        long start = System.nanoTime();
        return steps.count(sized, basis, batch, List.of(batch), training, null)
                .map(step ->
                        new TrainedShards(
                                basis,
                                step,
                                trained.passes(),
                                trained.outputs(),
                                System.nanoTime() - start));
    }

    private TrainedShards normalized(
            Layer layer, List<Shard> shards, StepRecord step, long commitNanos) {
        List<@Nullable ForwardPass> passes = new ArrayList<>();
        List<@Nullable Tensor> outputs = new ArrayList<>();
        for (int rank = 0; rank < shards.size(); rank++) {
            Tensor input = shards.get(rank).input();
            ForwardPass pass = input == null ? null : pass(input, step);
            passes.add(pass);
            outputs.add(pass == null ? null : output(pass, rank));
        }
        return new TrainedShards(layer, step, passes, outputs, commitNanos);
    }

    /// Returns the pass of one shard through a recorded step.
    public ForwardPass pass(Tensor input, StepRecord step) {
        return operator.train(input, step.batch(), step.parameters(), step.config());
    }

    /// Returns the output of one shard's pass.
    ///
    /// @throws NonFiniteResult when it overflows, naming the rank
    public Tensor output(ForwardPass pass, int rank) {
        try {
            return operator.output(pass);
        } catch (NonFiniteResult overflow) {
            throw new NonFiniteResult("rank " + rank + ": " + overflow.getMessage());
        }
    }
}
