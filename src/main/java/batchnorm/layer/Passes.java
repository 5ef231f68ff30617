package batchnorm.layer;

import batchnorm.normalization.BatchNormalization;
import batchnorm.normalization.BatchStatistics;
import batchnorm.normalization.Config;
import batchnorm.normalization.ForwardPass;
import batchnorm.normalization.Gradients;
import batchnorm.normalization.InvalidConfig;
import batchnorm.normalization.Parameters;
import batchnorm.normalization.RunningStatistics;
import batchnorm.normalization.ShapeMismatch;
import batchnorm.normalization.TrainingBatch;
import batchnorm.normalization.Variant;
import batchnorm.normalization.Weighting;
import batchnorm.normalization.Weights;
import batchnorm.tensor.Tensor;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/// Runs inference and backward passes of named layers, which leave the layer unchanged. Delegates
/// training passes to [TrainingSteps].
public final class Passes {
    private final Layers layers;
    private final ContextStore contexts;
    private final BatchNormalization operator;
    private final TrainingSteps steps;

    public Passes(
            Layers layers, LayerStore store, ContextStore contexts, BatchNormalization operator) {
        this.layers = layers;
        this.contexts = contexts;
        this.operator = operator;
        this.steps = new TrainingSteps(layers, store, contexts, operator);
    }

    /// Makes one training step: first the output, then the running update, durable on return. The
    /// layer is unchanged on failure.
    ///
    /// @throws LayerNotFound, VersionMismatch, ContextBudgetExceeded, IdempotencyKeyReused,
    ///   IdempotencyKeyInProgress and the exceptions of [BatchNormalization]
    public TrainResult forwardTrain(LayerName name, Tensor input, TrainRequest training) {
        return steps.run(name, input, training);
    }

    /// Normalizes with the running statistics, or with the batch's own if the layer tracks none.
    ///
    /// @param statisticsBlend the weight of the batch's own statistics; null for the layer's knob
    /// @throws LayerNotFound, ContextBudgetExceeded and the exceptions of [BatchNormalization]
    /// @throws InvalidConfig for a blend on a layer without running statistics
    public Inferred forwardInfer(
            LayerName name, Tensor input, boolean saveContext, @Nullable Double statisticsBlend) {
        Layer layer = sized(layers.get(name), input);
        ForwardPass pass = inferencePass(layer, input, statisticsBlend);
        try (ContextStore.Reservation reservation = saveContext ? contexts.reserve(pass) : null) {
            Tensor output = operator.output(pass);
            if (reservation == null) {
                return new Inferred(output, null, layer);
            }
            reservation.fill(layer, pass);
            return new Inferred(output, reservation.id(), layer);
        }
    }

    /// Returns the gradients of a forward pass with a stored context.
    ///
    /// @throws LayerNotFound, ContextUnknown, ContextGone, ContextElsewhere and the exceptions of
    ///   [BatchNormalization]
    public Gradients backward(LayerName name, String contextId, Tensor gradOutput) {
        return operator.backward(contexts.use(layers.get(name), contextId), gradOutput);
    }

    /// Returns the gradients of a recomputed forward pass, with the layer's current knobs, gamma
    /// and running statistics.
    ///
    /// @throws LayerNotFound and the exceptions of [BatchNormalization]
    public Gradients backward(LayerName name, StatelessBackward forward, Tensor gradOutput) {
        Tensor input = forward.input();
        Layer layer = sized(layers.get(name), input);
        ForwardPass pass =
                switch (forward.mode()) {
                    case TRAIN -> trainingPass(layer, input, forward.weighting(), forward.batch());
                    case INFER -> inferencePass(layer, input, forward.statisticsBlend());
                };
        return operator.backward(pass, gradOutput);
    }

    private ForwardPass inferencePass(Layer layer, Tensor input, @Nullable Double requestedBlend) {
        RunningStatistics running = layer.running();
        if (running == null) {
            if (requestedBlend != null) {
                throw new InvalidConfig(
                        "statistics_blend",
                        "statistics_blend needs running statistics, and this layer tracks none");
            }
            return trainingPass(layer, input, Weighting.NONE, null);
        }
        Config config = layer.config();
        double blend =
                requestedBlend == null
                        ? config.variant().statisticsBlend()
                        : Variant.requireShare(requestedBlend);
        return operator.adapt(input, running, blend, parameters(layer), config);
    }

    private ForwardPass trainingPass(
            Layer layer, Tensor input, Weighting weighting, @Nullable BatchStatistics given) {
        if (given != null) {
            requireLength("batch_mean", given.mean(), layer);
            requireLength("batch_var", given.variance(), layer);
        }
        Config config = layer.config();
        Weights weights = weighting.on(input.shape(), config);
        return operator.train(
                        new TrainingBatch(input, config.layout(input.shape()), weights, given),
                        parameters(layer),
                        layer.running(),
                        config)
                .forward();
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

    /// Sizes the layer for one pass; the stored layer keeps its undecided features.
    private Layer sized(Layer layer, Tensor input) {
        return layers.sized(layer, layer.config().layout(input.shape()).channels());
    }
}
