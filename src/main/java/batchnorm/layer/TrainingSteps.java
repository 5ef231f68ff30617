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

/// Training steps: computed outside the store's transactions, in which only the C-sized running
/// update is made; each counted once, however often it is retried under its idempotency key.
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

    /// As [Passes#forwardTrain].
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
            // The layer's knobs or parameters changed while the output was computed with the old
            // ones, or another replica has made the step: once more.
        }
    }

    /// Computes with a version of the layer, then counts the batch, unless the layer computes
    /// otherwise by then, or the batch is counted already.
    private Optional<TrainResult> attempt(Layer basis, Tensor input, TrainRequest training) {
        training.precondition().check(basis);
        Layer sized = layers.sized(basis, basis.config().layout(input.shape()).channels());
        Config config = sized.config();
        TrainingBatch batch =
                new TrainingBatch(input, training.weighting().on(input.shape(), config), null);
        Parameters parameters = Objects.requireNonNull(sized.parameters());
        TrainingPass done = operator.train(batch, parameters, sized.running(), config);
        ForwardPass pass = done.forward();
        try (ContextStore.Reservation room =
                training.saveContext() ? contexts.reserve(pass) : null) {
            Tensor output = operator.output(pass);
            String contextId = room == null ? null : room.id();
            long start = System.nanoTime();
            Optional<StepRecord> counted =
                    count(sized, basis, done.batch(), done.virtual(), training, contextId);
            long commitNanos = System.nanoTime() - start;
            if (counted.isPresent() && room != null) {
                room.fill(basis, pass);
            }
            return counted.map(step -> answer(basis, output, done, step, false, commitNanos));
        }
    }

    /// Counts a batch, unless the layer computes otherwise than the basis by now, or the batch is
    /// counted under its key already; then nothing.
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
                    // An empty batch decides no features, but is answered as if it had.
                    Layer answered = next.withFeatures(batch.mean().length, "input");
                    StepRecord step =
                            record(
                                    current,
                                    answered,
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

    /// The answer of the step that was made under this key before, if one was; its context comes
    /// back if it was lost.
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
        return Optional.of(answer(layer, output, again, step, true, 0));
    }

    /// The pass of an earlier step. Statistics that it normalized with and left as they were are
    /// those after it; what only the tensor tells, sums of weights and the statistics of virtual
    /// batches, comes again with the tensor.
    private TrainingPass again(Tensor input, TrainRequest training, StepRecord step) {
        Config config = step.config();
        Weights weights = training.weighting().on(input.shape(), config);
        BatchStatistics known =
                weights == null ? step.batch() : step.batch().withCount(weights.total());
        TrainingBatch batch = new TrainingBatch(input, weights, known);
        RunningStatistics running = step.prior() == null ? step.running() : step.prior();
        return operator.train(batch, step.parameters(), running, config);
    }

    /// The step that was made under this key before, if one was.
    ///
    /// @throws IdempotencyKeyReused when another request made it
    Optional<StepRecord> recorded(Layer layer, TrainRequest training) {
        String key = training.recordedKey();
        if (key == null) {
            return Optional.empty();
        }
        Optional<StepRecord> step = store.step(layer, key).or(() -> ofNoCaller(layer, key));
        if (step.isPresent() && !step.get().fingerprint().equals(training.fingerprint())) {
            throw new IdempotencyKeyReused();
        }
        return step;
    }

    /// A step from before its caller was recorded. A retry may be the first request of an upgraded
    /// service.
    private Optional<StepRecord> ofNoCaller(Layer layer, String key) {
        String earlier = CallersKey.withoutCaller(key);
        return earlier.equals(key) ? Optional.empty() : store.step(layer, earlier);
    }

    private static TrainResult answer(
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
