package batchnorm.collective;

import batchnorm.digest.Sha256;
import batchnorm.layer.ContextStore;
import batchnorm.layer.LayerName;
import batchnorm.layer.Precondition;
import batchnorm.layer.Shard;
import batchnorm.layer.ShardedSteps;
import batchnorm.layer.TrainRequest;
import batchnorm.layer.TrainedShards;
import batchnorm.normalization.BatchNormalization;
import batchnorm.normalization.ForwardPass;
import batchnorm.tensor.Tensor;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/// A group of workers that train one layer together. Every step takes a shard of each and
/// normalizes all of them with the statistics of the whole batch, like PyTorch's SyncBatchNorm.
///
/// The workers choose the number of the first step; later steps increment it. A step is made once
/// all its shards have arrived. Only the last step is stored, for its backward and for retries. No
/// worker can be further behind, because a step needs all of them.
public final class SyncGroup implements Registry.Member {
    /// Mean, variance, gamma, beta, running mean and variance, two sums, two gradients.
    private static final int VECTORS = 10;

    private final String id;
    private final LayerName layer;
    private final int size;
    private final Duration timeout;
    private final ShardedSteps steps;
    private final ContextStore contexts;
    private final BatchNormalization operator;
    private final AtomicInteger inside = new AtomicInteger();
    private @Nullable OpenStep open;
    private @Nullable SyncStep last;

    SyncGroup(
            String id,
            LayerName layer,
            int size,
            Duration timeout,
            ShardedSteps steps,
            ContextStore contexts,
            BatchNormalization operator) {
        this.id = id;
        this.layer = layer;
        this.size = size;
        this.timeout = timeout;
        this.steps = steps;
        this.contexts = contexts;
        this.operator = operator;
    }

    /// A step that waits for its shards.
    private record OpenStep(long number, Barrier<Part, Result> barrier) {}

    /// A member's part of a step.
    ///
    /// @param reservation of its context; filled only if a context is requested
    private record Part(
            String fingerprint,
            Shard shard,
            ContextStore.Reservation reservation,
            boolean saveContext) {}

    private record Result(SyncStep step, List<@Nullable Tensor> outputs) {}

    public String id() {
        return id;
    }

    public LayerName layer() {
        return layer;
    }

    public int size() {
        return size;
    }

    public Duration timeout() {
        return timeout;
    }

    /// Runs one member's part of a training step. Returns when all parts have arrived and the step
    /// is durable.
    ///
    /// @param fingerprint equal for equal requests
    SyncTrained forwardTrain(
            int rank, long number, String fingerprint, Shard shard, boolean saveContext) {
        requireRank(rank);
        inside.incrementAndGet();
        // Reserved before the wait, so that a group that exceeds the budget is rejected without
        // blocking others.
        try (ContextStore.Reservation reservation = reserve(shard)) {
            OpenStep step = step(number);
            if (step == null) {
                return again(rank, fingerprint, shard);
            }
            Result result =
                    step.barrier.meet(
                            rank,
                            fingerprint,
                            new Part(fingerprint, shard, reservation, saveContext));
            return result.step.result(result.outputs.get(rank), false);
        } finally {
            inside.decrementAndGet();
        }
    }

    private ContextStore.Reservation reserve(Shard shard) {
        Tensor input = shard.input();
        int channels = shard.moments().channels();
        return input == null
                ? contexts.reserve(2L * Double.BYTES * channels)
                : contexts.reserve(input, channels);
    }

    /// Returns the open step of this number, or null if it is the last step made.
    private synchronized @Nullable OpenStep step(long number) {
        if (last != null && last.number() == number) {
            return null;
        }
        if (open != null && open.barrier.hasFailed()) {
            open = null;
        }
        if (open != null ? open.number != number : last != null && number != last.number() + 1) {
            long expected = open != null ? open.number : Objects.requireNonNull(last).number() + 1;
            throw new PartConflict("the group is at step " + expected + ", not at step " + number);
        }
        if (open == null) {
            open =
                    new OpenStep(
                            number,
                            new Barrier<>(
                                    "forward-train of step " + number,
                                    size,
                                    timeout,
                                    parts -> make(number, parts)));
        }
        return open;
    }

    private Result make(long number, List<Part> parts) {
        int channels = parts.getFirst().shard.moments().channels();
        long bytes = (VECTORS + 2L * size) * Double.BYTES * channels;
        ContextStore.Reservation vectors = contexts.reserve(bytes);
        try {
            TrainedShards trained =
                    steps.run(
                            layer,
                            parts.stream().map(Part::shard).toList(),
                            training(number, parts));
            SyncStep step =
                    new SyncStep(
                            number,
                            trained,
                            arrivals(parts, trained),
                            vectors,
                            contexts,
                            operator,
                            timeout);
            succeed(step);
            return new Result(step, trained.outputs());
        } catch (RuntimeException failure) {
            vectors.close();
            throw failure;
        }
    }

    /// The key counts the step once, even if the store failed during the commit and all members
    /// retry.
    private TrainRequest training(long number, List<Part> parts) {
        String all = parts.stream().map(Part::fingerprint).collect(Collectors.joining(" "));
        return new TrainRequest(
                false, Precondition.NONE, "sync-group " + id + " step " + number, Sha256.hex(all));
    }

    private static List<SyncStep.Arrival> arrivals(List<Part> parts, TrainedShards trained) {
        List<SyncStep.Arrival> arrivals = new ArrayList<>();
        for (int rank = 0; rank < parts.size(); rank++) {
            Part each = parts.get(rank);
            ForwardPass pass = each.saveContext ? trained.passes().get(rank) : null;
            if (pass != null) {
                each.reservation.fill(trained.layer(), pass);
            }
            arrivals.add(
                    new SyncStep.Arrival(
                            each.fingerprint,
                            each.shard.moments().count(),
                            pass == null ? null : each.reservation.id()));
        }
        return arrivals;
    }

    private synchronized void succeed(SyncStep step) {
        if (last != null) {
            last.forget();
        }
        last = step;
        open = null;
    }

    private SyncTrained again(int rank, String fingerprint, Shard shard) {
        SyncStep step = lastStep();
        step.requireRepeated(rank, fingerprint);
        Tensor input = shard.input();
        Tensor output = input == null ? null : steps.output(steps.pass(input, step.record()), rank);
        return step.result(output, true);
    }

    private synchronized SyncStep lastStep() {
        if (last == null) {
            throw new PartConflict("the group has made no step yet; forward-train comes first");
        }
        return last;
    }

    /// Returns the step for a member's backward.
    private SyncStep stepOfBackward(int rank, long number) {
        requireRank(rank);
        SyncStep step = lastStep();
        if (step.number() != number) {
            throw new PartConflict(
                    "the group's last step is "
                            + step.number()
                            + ", and only that one has a backward, not step "
                            + number);
        }
        return step;
    }

    /// Runs one member's part of a backward. Returns when all parts have arrived.
    SyncGradients backward(int rank, long number, String fingerprint, Tensor gradOutput) {
        SyncStep step = stepOfBackward(rank, number);
        inside.incrementAndGet();
        try {
            return step.backward(rank, fingerprint, gradOutput);
        } finally {
            inside.decrementAndGet();
        }
    }

    /// Runs the part of a member that keeps its tensors.
    SyncGradients backward(
            int rank, long number, String fingerprint, double[] sum, double[] product) {
        SyncStep step = stepOfBackward(rank, number);
        inside.incrementAndGet();
        try {
            return step.backward(rank, fingerprint, sum, product);
        } finally {
            inside.decrementAndGet();
        }
    }

    private void requireRank(int rank) {
        if (rank < 0 || rank >= size) {
            throw new InvalidCollective(
                    "rank",
                    "rank is "
                            + rank
                            + "; in this group of "
                            + size
                            + " it must be from 0 to "
                            + (size - 1));
        }
    }

    @Override
    public boolean isBusy() {
        return inside.get() > 0;
    }

    @Override
    public synchronized void close() {
        if (last != null) {
            last.forget();
            last = null;
        }
    }
}
