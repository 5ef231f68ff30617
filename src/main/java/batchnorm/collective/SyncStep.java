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

/// A completed training step of a group: its result for retries, and its backward.
final class SyncStep {
    private final long number;
    private final TrainedShards made;
    private final List<Arrival> arrivals;
    private final ContextStore.Reservation vectors;
    private final ContextStore contexts;
    private final BatchNormalization operator;
    private final Duration timeout;
    private @Nullable Barrier<GradientSums, GradientSums> backward;

    /// The part of one member.
    ///
    /// @param values per channel of its shard
    /// @param contextId of its pass; null without one
    record Arrival(String fingerprint, long values, @Nullable String contextId) {}

    /// @param vectors the reservation of the step's vectors
    SyncStep(
            long number,
            TrainedShards made,
            List<Arrival> arrivals,
            ContextStore.Reservation vectors,
            ContextStore contexts,
            BatchNormalization operator,
            Duration timeout) {
        this.number = number;
        // Drops the tensors and keeps the vectors; the outputs are already with the responses.
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

    SyncTrained result(@Nullable Tensor output, boolean replayed) {
        return new SyncTrained(output, made.step(), made.tag(), replayed, made.commitNanos());
    }

    /// @throws PartConflict when the rank's part of this step was different
    void requireRepeated(int rank, String fingerprint) {
        if (!arrivals.get(rank).fingerprint.equals(fingerprint)) {
            throw new PartConflict(
                    "step "
                            + number
                            + " is made, and rank "
                            + rank
                            + " sent a different part; a retry must send the same body,"
                            + " and the next step is "
                            + (number + 1));
        }
    }

    /// Returns the gradients of one shard, once all parts have arrived.
    ///
    /// @throws PartConflict, SyncTimeout, batchnorm.layer.ContextGone,
    ///   batchnorm.layer.ContextBudgetExceeded and the exceptions of
    ///   [BatchNormalization#gradientSums]
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
        // The gradient is held during the wait, so it counts towards the budget.
        try (ContextStore.Reservation _ = contexts.reserve(gradOutput, pass.channels())) {
            GradientSums total = barrier().meet(rank, fingerprint, sums);
            Gradients gradients = operator.backward(pass, gradOutput, total);
            return new SyncGradients(gradients.input(), gradients.gamma(), gradients.beta(), total);
        }
    }

    /// Returns the gradients for a member that keeps its tensors and sends only the sums `Σdy` and
    /// `Σdy·(x-batch_mean)`.
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
        GradientSums total = barrier().meet(rank, fingerprint, sums);
        Config config = record().config();
        boolean frozen = config.variant().freezeParameters();
        double[] gamma = operator.gammaGradient(record().batch(), config, total);
        return new SyncGradients(
                null,
                config.scale() && !frozen ? gamma : null,
                config.shift() && !frozen ? total.sum() : null,
                total);
    }

    private synchronized Barrier<GradientSums, GradientSums> barrier() {
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

    /// Releases the memory of the step.
    void forget() {
        vectors.close();
        for (Arrival arrival : arrivals) {
            if (arrival.contextId != null) {
                contexts.forget(arrival.contextId);
            }
        }
    }
}
