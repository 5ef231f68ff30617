package batchnorm.layer;

import batchnorm.normalization.BatchNormalization;
import batchnorm.normalization.BatchStatistics;
import batchnorm.normalization.ForwardPass;
import batchnorm.normalization.Gradients;
import batchnorm.normalization.Parameters;
import batchnorm.normalization.RunningStatistics;
import batchnorm.normalization.ShapeMismatch;
import batchnorm.tensor.Tensor;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/// Inference and backward passes of named layers, which change nothing, and the way to
/// [TrainingSteps], which do.
public final class Passes {
    private final Layers layers;
    private final Contexts contexts;
    private final BatchNormalization operator;
    private final TrainingSteps steps;

    public Passes(Layers layers, LayerStore store, Contexts contexts, BatchNormalization operator) {
        this.layers = layers;
        this.contexts = contexts;
        this.operator = operator;
        this.steps = new TrainingSteps(layers, store, contexts, operator);
    }

    /// One training step: the output first, then the running update, durable before this answers.
    ///
    /// @throws LayerNotFound, VersionMismatch, ContextBudgetExceeded, IdempotencyKeyReused,
    ///   IdempotencyKeyInProgress and what [BatchNormalization] throws; the layer then stays as it
    ///   was
    public Trained forwardTrain(LayerName name, Tensor input, Training training) {
        return steps.run(name, input, training);
    }

    /// Normalizes with the running statistics, or with the batch's own where the layer tracks none.
    ///
    /// @throws LayerNotFound, ContextBudgetExceeded and what [BatchNormalization] throws
    public Inferred forwardInfer(LayerName name, Tensor input, boolean saveContext) {
        Layer layer = sized(layers.get(name), input);
        ForwardPass pass = inferencePass(layer, input);
        try (Contexts.Reservation room = saveContext ? contexts.reserve(pass) : null) {
            Tensor output = operator.output(pass);
            if (room == null) {
                return new Inferred(output, null, layer);
            }
            room.fill(layer, pass);
            return new Inferred(output, room.id(), layer);
        }
    }

    /// The gradients of a forward pass that kept its context.
    ///
    /// @throws LayerNotFound, ContextUnknown, ContextGone and what [BatchNormalization] throws
    public Gradients backward(LayerName name, String contextId, Tensor gradOutput) {
        return operator.backward(contexts.use(layers.get(name), contextId), gradOutput);
    }

    /// The gradients of a forward pass that is run again, with the layer's knobs and gamma as they
    /// are now.
    ///
    /// @param batch the statistics that the forward answered, or null to compute them again; only
    ///   in train mode
    /// @throws LayerNotFound and what [BatchNormalization] throws
    public Gradients backward(
            LayerName name,
            Tensor input,
            Tensor gradOutput,
            ForwardPass.Mode mode,
            @Nullable BatchStatistics batch) {
        Layer layer = sized(layers.get(name), input);
        ForwardPass pass =
                switch (mode) {
                    case TRAIN -> trainingPass(layer, input, batch);
                    case INFER -> inferencePass(layer, input);
                };
        return operator.backward(pass, gradOutput);
    }

    private ForwardPass inferencePass(Layer layer, Tensor input) {
        RunningStatistics running = layer.running();
        return running == null
                ? trainingPass(layer, input, null)
                : operator.infer(input, running, parameters(layer), layer.config());
    }

    private ForwardPass trainingPass(Layer layer, Tensor input, @Nullable BatchStatistics given) {
        BatchStatistics batch = given == null ? operator.statistics(input, layer.config()) : given;
        requireLength("batch_mean", batch.mean(), layer);
        requireLength("batch_var", batch.variance(), layer);
        return operator.train(input, batch, parameters(layer), layer.config());
    }

    private static void requireLength(String field, double[] vector, Layer sized) {
        Integer features = Objects.requireNonNull(sized.features());
        if (vector.length != features) {
            throw new ShapeMismatch(
                    field,
                    field
                            + " has "
                            + vector.length
                            + " values, but the layer has "
                            + features
                            + " features");
        }
    }

    private static Parameters parameters(Layer sized) {
        return Objects.requireNonNull(sized.parameters());
    }

    /// A layer that no batch has reached yet is looked at as if this one had: reading changes
    /// nothing.
    private static Layer sized(Layer layer, Tensor input) {
        return layer.withFeatures(layer.config().layout(input.shape()).channels(), "input");
    }
}
