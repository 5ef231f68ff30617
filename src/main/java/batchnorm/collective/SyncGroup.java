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

/// Workers that train one layer together: every step takes a shard of each, and normalizes all of
/// them with the statistics of the whole batch, as PyTorch's SyncBatchNorm does.
///
/// Steps are numbered by the workers: the first as they like, then one by one. A step is open until
/// all shards are there, then it is made once; only the last one made is remembered, for its
/// backward and for workers whose answer was lost. Nobody can be further behind: a step needs them
/// all.
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

    /// A step that gathers its shards.
    private record OpenStep(long number, Barrier<Brought, Made> meeting) {}

    /// What a member brings.
    ///
    /// @param room for its context; filled only if it wants one
    private record Brought(
            String fingerprint, Shard shard, ContextStore.Reservation room, boolean saveContext) {}

    private record Made(SyncStep step, List<@Nullable Tensor> outputs) {}

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

    /// One member's part of a training step; answers when all others have brought theirs and the
    /// step is durable.
    ///
    /// @param fingerprint the same for two requests that are the same
    SyncTrained forwardTrain(
            int rank, long number, String fingerprint, Shard shard, boolean saveContext) {
        requireRank(rank);
        inside.incrementAndGet();
        // Taken before it waits, so a group that does not fit is refused and blocks nobody.
        try (ContextStore.Reservation room = room(shard)) {
            OpenStep step = step(number);
            if (step == null) {
                return again(rank, fingerprint, shard);
            }
            Made made =
                    step.meeting.meet(
                            rank, fingerprint, new Brought(fingerprint, shard, room, saveContext));
            return made.step.answer(made.outputs.get(rank), false);
        } finally {
            inside.decrementAndGet();
        }
    }

    private ContextStore.Reservation room(Shard shard) {
        Tensor input = shard.input();
        int channels = shard.moments().channels();
        return input == null
                ? contexts.reserve(2L * Double.BYTES * channels)
                : contexts.reserve(input, channels);
    }

    /// The open step of this number, or null when it is the one that was made last.
    private synchronized @Nullable OpenStep step(long number) {
        if (last != null && last.number() == number) {
            return null;
        }
        if (open != null && open.meeting.hasFailed()) {
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
                                    brought -> make(number, brought)));
        }
        return open;
    }

    private Made make(long number, List<Brought> brought) {
        int channels = brought.getFirst().shard.moments().channels();
        long bytes = (VECTORS + 2L * size) * Double.BYTES * channels;
        ContextStore.Reservation vectors = contexts.reserve(bytes);
        try {
            TrainedShards trained =
                    steps.run(
                            layer,
                            brought.stream().map(Brought::shard).toList(),
                            training(number, brought));
            SyncStep step =
                    new SyncStep(
                            number,
                            trained,
                            arrivals(brought, trained),
                            vectors,
                            contexts,
                            operator,
                            timeout);
            succeed(step);
            return new Made(step, trained.outputs());
        } catch (RuntimeException failure) {
            vectors.close();
            throw failure;
        }
    }

    /// Counted once, even if nobody can say whether it was (the store was lost in the middle) and
    /// everybody sends it again.
    private TrainRequest training(long number, List<Brought> brought) {
        String all = brought.stream().map(Brought::fingerprint).collect(Collectors.joining(" "));
        return new TrainRequest(
                false, Precondition.NONE, "sync-group " + id + " step " + number, Sha256.hex(all));
    }

    private static List<SyncStep.Arrival> arrivals(List<Brought> brought, TrainedShards trained) {
        List<SyncStep.Arrival> arrivals = new ArrayList<>();
        for (int rank = 0; rank < brought.size(); rank++) {
            Brought each = brought.get(rank);
            ForwardPass pass = each.saveContext ? trained.passes().get(rank) : null;
            if (pass != null) {
                each.room.fill(trained.layer(), pass);
            }
            arrivals.add(
                    new SyncStep.Arrival(
                            each.fingerprint,
                            each.shard.moments().count(),
                            pass == null ? null : each.room.id()));
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
        return step.answer(output, true);
    }

    private synchronized SyncStep lastStep() {
        if (last == null) {
            throw new PartConflict("the group has made no step yet; forward-train comes first");
        }
        return last;
    }

    /// The step whose backward a member asks for.
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

    /// One member's part of a backward; answers when all others have brought theirs.
    SyncGradients backward(int rank, long number, String fingerprint, Tensor gradOutput) {
        SyncStep step = stepOfBackward(rank, number);
        inside.incrementAndGet();
        try {
            return step.backward(rank, fingerprint, gradOutput);
        } finally {
            inside.decrementAndGet();
        }
    }

    /// The same for a member that keeps its tensors.
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
