package batchnorm.collective;

import batchnorm.layer.ContextStore;
import batchnorm.layer.Layer;
import batchnorm.layer.StepRecord;
import batchnorm.layer.TrainedShards;
import batchnorm.normalization.BatchNormalization;
import batchnorm.normalization.Config;
import batchnorm.normalization.ForwardPass;
import batchnorm.normalization.GradientSums;
import batchnorm.normalization.Gradients;
import batchnorm.tensor.Tensor;
import java.time.Duration;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// A training step that a group has made: what it answers to members that come again, and its
/// backward.
final class SyncStep {
    private final long number;
    private final TrainedShards made;
    private final List<Arrival> arrivals;
    private final ContextStore.Reservation vectors;
    private final ContextStore contexts;
    private final BatchNormalization operator;
    private final Duration timeout;
    private @Nullable Barrier<GradientSums, GradientSums> backward;

    /// What is known of the member that brought a shard.
    ///
    /// @param values per channel of its shard
    /// @param contextId of its pass; null when none was kept
    record Arrival(String fingerprint, long values, @Nullable String contextId) {}

    /// @param vectors room for what a step keeps beside contexts
    SyncStep(
            long number,
            TrainedShards made,
            List<Arrival> arrivals,
            ContextStore.Reservation vectors,
            ContextStore contexts,
            BatchNormalization operator,
            Duration timeout) {
        this.number = number;
        // The outputs are on their way: what stays are vectors.
        this.made =
                new TrainedShards(
                        made.layer(), made.step(), List.of(), List.of(), made.commitNanos());
        this.arrivals = arrivals;
        this.vectors = vectors;
        this.contexts = contexts;
        this.operator = operator;
        this.timeout = timeout;
    }

    long number() {
        return number;
    }

    Layer layer() {
        return made.layer();
    }

    StepRecord record() {
        return made.step();
    }

    SyncTrained answer(@Nullable Tensor output, boolean replayed) {
        return new SyncTrained(output, made.step(), made.tag(), replayed, made.commitNanos());
    }

    /// @throws PartConflict when the rank brought something else to this step
    void requireRepeated(int rank, String fingerprint) {
        if (!arrivals.get(rank).fingerprint.equals(fingerprint)) {
            throw new PartConflict(
                    "step "
                            + number
                            + " is made, and rank "
                            + rank
                            + " brought something else to it; a retry has to send the same body,"
                            + " and the next step is "
                            + (number + 1));
        }
    }

    /// The gradients of one shard, when those of all others have come.
    ///
    /// @throws PartConflict, SyncTimeout, batchnorm.layer.ContextGone,
    ///   batchnorm.layer.ContextBudgetExceeded and what [BatchNormalization#gradientSums] throws
    SyncGradients backward(int rank, String fingerprint, Tensor gradOutput) {
        String contextId = arrivals.get(rank).contextId;
        if (contextId == null) {
            throw new PartConflict(
                    "rank "
                            + rank
                            + " kept no context for its backward (it sent moments only, or"
                            + " \"save_context\": false); send \"sum_dy\" and \"sum_dy_xmu\" instead");
        }
        ForwardPass pass = contexts.use(layer(), contextId);
        GradientSums sums = operator.gradientSums(pass, gradOutput);
        // The gradient waits with us, so it counts as if it were kept.
        try (ContextStore.Reservation _ = contexts.reserve(gradOutput, pass.channels())) {
            GradientSums total = meeting().meet(rank, fingerprint, sums);
            Gradients gradients = operator.backward(pass, gradOutput, total);
            return new SyncGradients(gradients.input(), gradients.gamma(), gradients.beta(), total);
        }
    }

    /// The same for whoever keeps its tensors: only sums, `Σdy` and `Σdy·(x-batch_mean)`.
    ///
    /// @throws PartConflict, SyncTimeout, InvalidCollective
    SyncGradients backward(int rank, String fingerprint, double[] sum, double[] product) {
        int channels = record().batch().mean().length;
        if (sum.length != channels || product.length != channels) {
            String field = sum.length == channels ? "sum_dy_xmu" : "sum_dy";
            throw new InvalidCollective(
                    field, field + " needs one number for each of " + channels + " channels");
        }
        GradientSums sums = new GradientSums(arrivals.get(rank).values, sum, product);
        GradientSums total = meeting().meet(rank, fingerprint, sums);
        Config config = record().config();
        boolean frozen = config.variant().freezeParameters();
        double[] gamma = operator.gammaGradient(record().batch(), config, total);
        return new SyncGradients(
                null,
                config.scale() && !frozen ? gamma : null,
                config.shift() && !frozen ? total.sum() : null,
                total);
    }

    private synchronized Barrier<GradientSums, GradientSums> meeting() {
        if (backward == null || backward.hasFailed()) {
            backward =
                    new Barrier<>(
                            "backward of step " + number,
                            arrivals.size(),
                            timeout,
                            GradientSums::total);
        }
        return backward;
    }

    /// Gives back the memory of the step.
    void forget() {
        vectors.close();
        for (Arrival arrival : arrivals) {
            if (arrival.contextId != null) {
                contexts.forget(arrival.contextId);
            }
        }
    }
}
