package batchnorm.collective;

import batchnorm.layer.ContextStore;
import batchnorm.layer.LayerName;
import batchnorm.layer.Layers;
import batchnorm.layer.Replica;
import batchnorm.layer.ShardedSteps;
import batchnorm.normalization.BatchNormalization;
import batchnorm.normalization.Moments;
import batchnorm.tensor.Tensor;
import java.time.Duration;
import java.time.InstantSource;

/// The open groups of workers that train layers together.
public final class SyncGroups {
    /// Bounds a group, because each member of a step holds a connection while it waits.
    public static final int MAX_SIZE = 4096;

    public static final Duration DEFAULT_TIMEOUT = Duration.ofSeconds(30);
    public static final Duration MAX_TIMEOUT = Duration.ofMinutes(10);

    private final Layers layers;
    private final ShardedSteps steps;
    private final ContextStore contexts;
    private final BatchNormalization operator;
    private final Registry<SyncGroup> groups;

    /// @param replica the process that holds the groups
    public SyncGroups(
            Layers layers,
            ShardedSteps steps,
            ContextStore contexts,
            BatchNormalization operator,
            CollectiveLimits limits,
            InstantSource clock,
            Replica replica) {
        this.layers = layers;
        this.steps = steps;
        this.contexts = contexts;
        this.operator = operator;
        this.groups = new Registry<>("group_id", "groups", limits.groups(), limits, clock, replica);
    }

    /// Opens a group.
    ///
    /// @param size the number of members, whose ranks are from 0 to size - 1
    /// @param timeout the maximum wait of a step's first member for the last
    /// @throws batchnorm.layer.LayerNotFound, InvalidCollective, CollectiveLimit
    public SyncGroup open(LayerName layer, long size, Duration timeout) {
        if (size < 1 || size > MAX_SIZE) {
            throw new InvalidCollective(
                    "size", "size is " + size + "; it must be from 1 to " + MAX_SIZE);
        }
        if (!timeout.isPositive() || timeout.compareTo(MAX_TIMEOUT) > 0) {
            throw new InvalidCollective(
                    "timeout_seconds",
                    "timeout_seconds must be more than 0 and at most " + MAX_TIMEOUT.toSeconds());
        }
        layers.get(layer);
        return groups.open(
                id -> new SyncGroup(id, layer, (int) size, timeout, steps, contexts, operator));
    }

    /// Runs one member's part of a training step. The layer is unchanged on failure.
    ///
    /// @throws CollectiveNotFound, CollectiveGone, MadeElsewhere, InvalidCollective, PartConflict,
    ///   SyncTimeout, batchnorm.layer.ContextBudgetExceeded and the exceptions of [ShardedSteps]
    public SyncTrained forwardTrain(
            String groupId, SyncPart part, Tensor input, boolean saveContext) {
        SyncGroup group = groups.get(groupId);
        return group.forwardTrain(
                part.rank(),
                part.step(),
                part.fingerprint(),
                steps.shard(group.layer(), input),
                saveContext);
    }

    /// Runs the part of a member that keeps its tensor.
    public SyncTrained forwardTrain(String groupId, SyncPart part, Moments moments) {
        SyncGroup group = groups.get(groupId);
        return group.forwardTrain(
                part.rank(),
                part.step(),
                part.fingerprint(),
                steps.shard(group.layer(), moments),
                false);
    }

    /// Runs one member's part of the backward of the last step.
    ///
    /// @throws CollectiveNotFound, CollectiveGone, MadeElsewhere, InvalidCollective, PartConflict,
    ///   SyncTimeout, batchnorm.layer.ContextGone and the exceptions of [BatchNormalization]
    public SyncGradients backward(String groupId, SyncPart part, Tensor gradOutput) {
        return groups.get(groupId)
                .backward(part.rank(), part.step(), part.fingerprint(), gradOutput);
    }

    /// Runs the part of a member that keeps its tensors: `Σdy` and `Σdy·(x-batch_mean)`, per
    /// channel.
    public SyncGradients backward(String groupId, SyncPart part, double[] sum, double[] product) {
        return groups.get(groupId)
                .backward(part.rank(), part.step(), part.fingerprint(), sum, product);
    }
}
