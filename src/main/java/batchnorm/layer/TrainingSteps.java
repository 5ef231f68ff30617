package batchnorm.layer;

import batchnorm.normalization.BatchNormalization;
import batchnorm.normalization.BatchStatistics;
import batchnorm.normalization.Config;
import batchnorm.normalization.ForwardPass;
import batchnorm.normalization.Parameters;
import batchnorm.normalization.RunningStatistics;
import batchnorm.normalization.TrainingBatch;
import batchnorm.normalization.TrainingPass;
import batchnorm.normalization.Weights;
import batchnorm.tensor.Tensor;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/// Runs training steps. Tensors are computed outside store transactions; a transaction makes only
/// the C-sized running update. A step is counted once per idempotency key.
final class TrainingSteps {
    private final Layers layers;
    private final LayerStore store;
    private final ContextStore contexts;
    private final BatchNormalization operator;
    private final InFlightKeys keysInProgress = new InFlightKeys();

    TrainingSteps(
            Layers layers, LayerStore store, ContextStore contexts, BatchNormalization operator) {
        this.layers = layers;
        this.store = store;
        this.contexts = contexts;
        this.operator = operator;
    }

    TrainResult run(LayerName name, Tensor input, TrainRequest training) {
        String key = training.recordedKey();
        if (key == null) {
            return step(name, input, training);
        }
        try (InFlightKeys.Claim _ = keysInProgress.claim(name, key)) {
            return step(name, input, training);
        }
    }

    private TrainResult step(LayerName name, Tensor input, TrainRequest training) {
        while (true) {
            Layer basis = layers.get(name);
            Optional<TrainResult> done = replay(basis, input, training);
            if (done.isEmpty()) {
                done = attempt(basis, input, training);
            }
            if (done.isPresent()) {
                return done.get();
            }
            // The knobs or parameters changed during the computation, or another replica made the
            // step: retry.
        }
    }

    /// Computes a step with one version of the layer, then counts the batch. Returns empty if a
    /// change invalidated the computation or the batch is already counted.
    private Optional<TrainResult> attempt(Layer basis, Tensor input, TrainRequest training) {
        training.precondition().check(basis);
        Config config = basis.config();
        TrainingBatch batch =
                TrainingBatch.of(input, training.weighting().on(input.shape(), config), config);
        Layer sized = layers.sized(basis, batch.layout().channels());
        Parameters parameters = Objects.requireNonNull(sized.parameters());
        TrainingPass done = operator.train(batch, parameters, sized.running(), config);
        ForwardPass pass = done.forward();
        try (ContextStore.Reservation reservation =
                training.saveContext() ? contexts.reserve(pass) : null) {
            Tensor output = operator.output(pass);
            String contextId = reservation == null ? null : reservation.id();
            long start = System.nanoTime();
            Optional<StepRecord> counted =
                    count(sized, basis, done.batch(), done.virtual(), training, contextId);
            long commitNanos = System.nanoTime() - start;
            if (counted.isPresent() && reservation != null) {
                reservation.fill(basis, pass);
            }
            return counted.map(step -> result(basis, output, done, step, false, commitNanos));
        }
    }

    /// Counts a batch. Returns empty if the current layer would compute differently, or the batch
    /// is already counted under its key.
    Optional<StepRecord> count(
            Layer sized,
            Layer basis,
            BatchStatistics batch,
            List<BatchStatistics> virtual,
            TrainRequest training,
            @Nullable String contextId) {
        if (!training.commit()) {
            Layer next = sized.trained(virtual, layers.now());
            return Optional.of(
                    record(basis, next, basis.version(), batch, virtual, training, contextId));
        }
        if (training.recordedKey() == null && !basis.learnsFrom(virtual)) {
            return Optional.of(
                    record(basis, sized, basis.version(), batch, virtual, training, contextId));
        }
        return store.write(
                basis.name(),
                transaction -> {
                    Layer current = Layers.current(basis.name(), transaction);
                    String key = training.recordedKey();
                    if (!current.trainsLike(basis)
                            || (key != null && transaction.step(key) != null)) {
                        return Optional.empty();
                    }
                    training.precondition().check(current);
                    Layer next = current.trained(virtual, layers.now());
                    if (next.version() != current.version()) {
                        transaction.put(next);
                    }
                    // An empty batch decides no features; its result has the vectors of a sized
                    // layer.
                    Layer after = next.withFeatures(batch.mean().length, "input");
                    StepRecord step =
                            record(
                                    current,
                                    after,
                                    next.version(),
                                    batch,
                                    virtual,
                                    training,
                                    contextId);
                    if (key != null) {
                        transaction.record(step);
                    }
                    return Optional.of(step);
                });
    }

    StepRecord record(
            Layer before,
            Layer after,
            long version,
            BatchStatistics batch,
            List<BatchStatistics> virtual,
            TrainRequest training,
            @Nullable String contextId) {
        return new StepRecord(
                Objects.requireNonNullElse(training.idempotencyKey(), ""),
                Objects.requireNonNullElse(training.fingerprint(), ""),
                version,
                layers.now(),
                after.config(),
                Objects.requireNonNull(after.parameters()),
                batch,
                before.alpha(virtual),
                after.running(),
                after.config().variant().renorm() == null ? null : before.running(),
                contextId);
    }

    /// Returns the result of the step recorded under this key, if any. Restores its context if it
    /// was lost.
    private Optional<TrainResult> replay(Layer layer, Tensor input, TrainRequest training) {
        StepRecord step = recorded(layer, training).orElse(null);
        if (step == null) {
            return Optional.empty();
        }
        TrainingPass again = again(input, training, step);
        if (step.contextId() != null) {
            contexts.restore(step.contextId(), layer, again.forward());
        }
        Tensor output = operator.output(again.forward());
        return Optional.of(result(layer, output, again, step, true, 0));
    }

    /// Recomputes the pass of a recorded step. If the step left the statistics that it normalized
    /// with unchanged, they equal those after it. Sums of weights and statistics of virtual batches
    /// are recomputed from the tensor.
    private TrainingPass again(Tensor input, TrainRequest training, StepRecord step) {
        Config config = step.config();
        Weights weights = training.weighting().on(input.shape(), config);
        BatchStatistics known =
                weights == null ? step.batch() : step.batch().withCount(weights.total());
        TrainingBatch batch =
                new TrainingBatch(input, config.layout(input.shape()), weights, known);
        RunningStatistics running = step.prior() == null ? step.running() : step.prior();
        return operator.train(batch, step.parameters(), running, config);
    }

    /// Returns the step recorded under this key, if any.
    ///
    /// @throws IdempotencyKeyReused when a different request made it
    Optional<StepRecord> recorded(Layer layer, TrainRequest training) {
        String key = training.recordedKey();
        if (key == null) {
            return Optional.empty();
        }
        Optional<StepRecord> step = store.step(layer, key).or(() -> withoutCaller(layer, key));
        if (step.isPresent() && !step.get().fingerprint().equals(training.fingerprint())) {
            throw new IdempotencyKeyReused();
        }
        return step;
    }

    /// Returns a step recorded without its caller. A retry may be the first request of an upgraded
    /// service.
    private Optional<StepRecord> withoutCaller(Layer layer, String key) {
        String earlier = CallersKey.withoutCaller(key);
        return earlier.equals(key) ? Optional.empty() : store.step(layer, earlier);
    }

    private static TrainResult result(
            Layer layer,
            Tensor output,
            TrainingPass done,
            StepRecord step,
            boolean replayed,
            long commitNanos) {
        return new TrainResult(
                output,
                step.contextId(),
                done.batch(),
                done.virtual(),
                step.running(),
                step.running() == null ? null : step.alpha(),
                step.version(),
                layer.tagOf(step.version()),
                replayed,
                commitNanos);
    }
}
