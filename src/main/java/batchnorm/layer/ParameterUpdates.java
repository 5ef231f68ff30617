package batchnorm.layer;

import batchnorm.layer.LayerStore.Transaction;
import batchnorm.normalization.BatchStatistics;
import batchnorm.normalization.NonFiniteResult;
import batchnorm.normalization.NonFiniteValue;
import batchnorm.normalization.Parameters;
import batchnorm.normalization.ShapeMismatch;
import batchnorm.optimizer.Memory;
import batchnorm.optimizer.Optimizer;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/// Steps of gamma and beta along their gradients, for clients that keep no parameters. What the
/// optimizer remembers is kept with the layer and lives as long; a reset of the running statistics
/// and a change of the parameters by hand leave it as it is. Another kind of optimizer begins anew,
/// and so does any at a layer that has other features since.
public final class ParameterUpdates {
    private static final BatchStatistics NO_BATCH =
            new BatchStatistics(0, new double[0], new double[0]);

    private final Layers layers;
    private final LayerStore store;

    public ParameterUpdates(Layers layers, LayerStore store) {
        this.layers = layers;
        this.store = store;
    }

    /// One step, durable before this answers.
    ///
    /// @throws LayerNotFound, VersionMismatch, IdempotencyKeyReused; ShapeMismatch for a gradient
    ///   that does not fit, NonFiniteValue and NonFiniteResult. The layer then stays as it was
    public Updated apply(LayerName name, ParameterUpdate update) {
        return store.write(
                name,
                transaction -> {
                    Layer current = Layers.current(name, transaction);
                    StepRecord earlier = earlier(update, transaction);
                    if (earlier != null) {
                        return answer(current, earlier, true);
                    }
                    update.precondition().check(current);
                    return answer(current, step(current, update, transaction), false);
                });
    }

    private static @Nullable StepRecord earlier(ParameterUpdate update, Transaction transaction) {
        if (update.idempotencyKey() == null) {
            return null;
        }
        StepRecord earlier = transaction.step(update.idempotencyKey());
        if (earlier == null) {
            earlier = transaction.step(CallersKey.withoutCaller(update.idempotencyKey()));
        }
        if (earlier != null && !earlier.fingerprint().equals(update.fingerprint())) {
            throw new IdempotencyKeyReused();
        }
        return earlier;
    }

    private StepRecord step(Layer current, ParameterUpdate update, Transaction transaction) {
        Parameters before = current.parameters();
        if (before == null) {
            throw new ShapeMismatch(
                    update.gradGamma() == null ? "grad_beta" : "grad_gamma",
                    "layer \""
                            + current.name()
                            + "\" has no parameters yet: no batch has decided its features. Train on one first");
        }
        OptimizerState state = update.restart() ? null : transaction.optimizer();
        OptimizerState known = state == null ? OptimizerState.NONE : state;
        Vector gamma =
                new Vector("gamma", "scale", before.gamma(), known.gamma())
                        .stepped(update.gradGamma(), update.optimizer());
        Vector beta =
                new Vector("beta", "shift", before.beta(), known.beta())
                        .stepped(update.gradBeta(), update.optimizer());
        Layer next =
                current.withParameters(new Parameters(gamma.values(), beta.values()), layers.now());
        transaction.put(next);
        transaction.remember(new OptimizerState(gamma.memory(), beta.memory()));
        StepRecord step = record(next, update);
        if (update.idempotencyKey() != null) {
            transaction.record(step);
        }
        return step;
    }

    /// One of the two, with what is remembered of it.
    private record Vector(
            String name, String knob, double @Nullable [] values, @Nullable Memory memory) {

        Vector stepped(double @Nullable [] gradient, Optimizer optimizer) {
            if (gradient == null) {
                return this;
            }
            double[] before = fitting(gradient);
            requireFinite(gradient);
            boolean fits =
                    memory != null
                            && memory.kind() == optimizer.kind()
                            && (memory.first() == null || memory.first().length == before.length);
            Memory known = fits ? memory : null;
            Optimizer.Update update = optimizer.update(before, gradient, known);
            for (int c = 0; c < before.length; c++) {
                if (!Double.isFinite(update.parameter()[c])) {
                    throw new NonFiniteResult(
                            name
                                    + "["
                                    + c
                                    + "] would become "
                                    + update.parameter()[c]
                                    + "; scale the gradients or the learning rate down");
                }
            }
            return new Vector(name, knob, update.parameter(), update.memory());
        }

        private double[] fitting(double[] gradient) {
            String field = "grad_" + name;
            if (values == null) {
                throw new ShapeMismatch(
                        field,
                        field
                                + " has no place: the layer has no "
                                + name
                                + ", \""
                                + knob
                                + "\" is false");
            }
            if (values.length != gradient.length) {
                throw new ShapeMismatch(
                        field,
                        field
                                + " has "
                                + gradient.length
                                + " values, but the layer has "
                                + values.length
                                + " features");
            }
            return values;
        }

        private void requireFinite(double[] gradient) {
            for (int c = 0; c < gradient.length; c++) {
                if (!Double.isFinite(gradient[c])) {
                    String place = "grad_" + name + "[" + c + "]";
                    throw new NonFiniteValue(
                            place,
                            place
                                    + " is "
                                    + gradient[c]
                                    + "; it would spoil the parameters. Leave this step out, or scale the loss"
                                    + " down");
                }
            }
        }
    }

    private StepRecord record(Layer next, ParameterUpdate update) {
        return new StepRecord(
                update.idempotencyKey() == null ? "" : update.idempotencyKey(),
                update.fingerprint() == null ? "" : update.fingerprint(),
                next.version(),
                next.updatedAt(),
                next.config(),
                Objects.requireNonNull(next.parameters()),
                NO_BATCH,
                0,
                next.running(),
                null);
    }

    private static Updated answer(Layer layer, StepRecord step, boolean replayed) {
        return new Updated(
                step.parameters(), step.version(), layer.tagOf(step.version()), replayed);
    }
}
