package batchnorm.collective;

import batchnorm.layer.ContextStore;
import batchnorm.layer.Layer;
import batchnorm.layer.LayerName;
import batchnorm.layer.Layers;
import batchnorm.layer.Precondition;
import batchnorm.layer.Replica;
import batchnorm.layer.Shard;
import batchnorm.layer.ShardedSteps;
import batchnorm.layer.TrainRequest;
import batchnorm.layer.TrainedShards;
import batchnorm.normalization.Moments;
import batchnorm.tensor.Tensor;
import java.time.InstantSource;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// The open accumulations. A layer is unchanged until its accumulation is finished.
public final class Accumulations {
    private final Layers layers;
    private final ShardedSteps steps;
    private final ContextStore contexts;
    private final Registry<Accumulation> accumulations;

    /// @param replica the process that holds the accumulations
    public Accumulations(
            Layers layers,
            ShardedSteps steps,
            ContextStore contexts,
            CollectiveLimits limits,
            InstantSource clock,
            Replica replica) {
        this.layers = layers;
        this.steps = steps;
        this.contexts = contexts;
        this.accumulations =
                new Registry<>(
                        "accumulation_id",
                        "accumulations",
                        limits.accumulations(),
                        limits,
                        clock,
                        replica);
    }

    /// @throws batchnorm.layer.LayerNotFound, CollectiveLimit
    public Accumulation open(LayerName layer) {
        layers.get(layer);
        return accumulations.open(id -> new Accumulation(id, layer, contexts));
    }

    /// Adds a chunk, of which only the moments are kept.
    ///
    /// @param chunk its number; null for the next, without protection against retries
    /// @param fingerprint equal for equal requests
    /// @throws CollectiveNotFound, CollectiveGone, MadeElsewhere, PartConflict, InvalidCollective,
    ///   batchnorm.layer.ContextBudgetExceeded and the exceptions of [ShardedSteps#shard]
    public Accumulation.Progress add(
            String id, @Nullable Long chunk, String fingerprint, Tensor input) {
        Accumulation accumulation = accumulations.get(id);
        requireChunk(chunk);
        return accumulation.add(chunk, fingerprint, steps.shard(accumulation.layer(), input));
    }

    /// Adds the moments of a chunk that stays with the client.
    public Accumulation.Progress add(
            String id, @Nullable Long chunk, String fingerprint, Moments moments) {
        Accumulation accumulation = accumulations.get(id);
        requireChunk(chunk);
        return accumulation.add(chunk, fingerprint, steps.shard(accumulation.layer(), moments));
    }

    private static void requireChunk(@Nullable Long chunk) {
        if (chunk != null && chunk < 0) {
            throw new InvalidCollective("chunk", "chunk is " + chunk + "; it must be 0 or more");
        }
    }

    /// Finishes an accumulation: makes one training step with its statistics, or installs them. On
    /// failure the accumulation stays open.
    ///
    /// @throws CollectiveNotFound, CollectiveGone, MadeElsewhere, PartConflict and the exceptions
    ///   of [ShardedSteps#run] and [Layers#install]
    public Finished finish(
            String id, Finished.Apply apply, Finished.Policy policy, Precondition precondition) {
        Accumulation accumulation = accumulations.get(id);
        if (apply == Finished.Apply.STEP && policy != Finished.Policy.POOLED) {
            throw new InvalidCollective(
                    "policy",
                    "a training step normalizes with the statistics of the whole batch, so"
                            + " \"policy\" must be \"pooled\" with \"apply\": \"step\"");
        }
        return accumulation.finish(
                apply,
                policy,
                gathered ->
                        switch (apply) {
                            case STEP -> step(accumulation, gathered, precondition);
                            case INSTALL -> install(accumulation, gathered, policy, precondition);
                        });
    }

    private Finished install(
            Accumulation accumulation,
            Accumulation.Gathered gathered,
            Finished.Policy policy,
            Precondition precondition) {
        LayerName layer = accumulation.layer();
        Moments all = gathered.moments();
        Layer installed =
                switch (policy) {
                    case POOLED -> layers.install(layer, precondition, all, gathered.filled());
                    case MEAN_OF_VARIANCES ->
                            layers.install(
                                    layer,
                                    precondition,
                                    gathered.means().rounded(gathered.config()),
                                    gathered.config().runningVariance());
                };
        return new Finished.Installed(installed, all, policy);
    }

    private Finished step(
            Accumulation accumulation, Accumulation.Gathered gathered, Precondition precondition) {
        // The key counts the step once, even if a retry follows an unknown outcome.
        TrainRequest training =
                new TrainRequest(
                        false, precondition, "accumulation " + accumulation.id(), "accumulation");
        Shard whole = new Shard(null, gathered.moments(), gathered.config());
        TrainedShards trained = steps.run(accumulation.layer(), List.of(whole), training);
        return new Finished.Step(trained.step(), trained.tag());
    }

    /// Discards an accumulation.
    ///
    /// @throws CollectiveNotFound, CollectiveGone, MadeElsewhere
    public void abandon(String id) {
        accumulations.close(id);
    }
}
