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

/// Updates gamma and beta along their gradients, for clients that keep no parameters. The optimizer
/// state is stored with the layer and deleted with it. A reset of the running statistics and a
/// manual change of the parameters keep it. Another optimizer kind, or another number of features,
/// resets it.
public final class ParameterUpdates {
    private static final BatchStatistics NO_BATCH =
            new BatchStatistics(0, new double[0], new double[0]);

    private final Layers layers;
    private final LayerStore store;

    public ParameterUpdates(Layers layers, LayerStore store) {
        this.layers = layers;
        this.store = store;
    }

    /// Makes one step, durable on return. The layer is unchanged on failure.
    ///
    /// @throws LayerNotFound, VersionMismatch, IdempotencyKeyReused
    /// @throws ShapeMismatch for a gradient of another length than the parameter
    /// @throws NonFiniteValue, NonFiniteResult
    public Updated apply(LayerName name, ParameterUpdate update) {
        return store.write(
                name,
                transaction -> {
                    Layer current = Layers.current(name, transaction);
                    StepRecord earlier = earlier(update, transaction);
                    if (earlier != null) {
                        return result(current, earlier, true);
                    }
                    update.precondition().check(current);
                    return result(current, step(current, update, transaction), false);
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
                            + "\" has no parameters yet because no batch has decided its features; train on a batch first");
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

    /// Gamma or beta with its optimizer state.
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
                                    + "; it would make the parameters non-finite. Skip this step, or scale the loss"
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

    private static Updated result(Layer layer, StepRecord step, boolean replayed) {
        return new Updated(
                step.parameters(), step.version(), layer.tagOf(step.version()), replayed);
    }
}
