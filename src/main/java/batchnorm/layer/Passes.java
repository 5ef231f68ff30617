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

/// Inference and backward passes of named layers, which change nothing, and the way to
/// [TrainingSteps], which do.
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

    /// One training step: the output first, then the running update, durable before this answers.
    ///
    /// @throws LayerNotFound, VersionMismatch, ContextBudgetExceeded, IdempotencyKeyReused,
    ///   IdempotencyKeyInProgress and what [BatchNormalization] throws; the layer then stays as it
    ///   was
    public TrainResult forwardTrain(LayerName name, Tensor input, TrainRequest training) {
        return steps.run(name, input, training);
    }

    /// Normalizes with the running statistics, or with the batch's own where the layer tracks none.
    ///
    /// @param statisticsBlend the weight of the batch's own statistics, or null for the layer's
    /// @throws LayerNotFound, ContextBudgetExceeded, InvalidConfig for a blend with what the layer
    ///   does not have, and what [BatchNormalization] throws
    public Inferred forwardInfer(
            LayerName name, Tensor input, boolean saveContext, @Nullable Double statisticsBlend) {
        Layer layer = sized(layers.get(name), input);
        ForwardPass pass = inferencePass(layer, input, statisticsBlend);
        try (ContextStore.Reservation room = saveContext ? contexts.reserve(pass) : null) {
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
    /// @throws LayerNotFound, ContextUnknown, ContextGone, ContextElsewhere and what
    ///   [BatchNormalization] throws
    public Gradients backward(LayerName name, String contextId, Tensor gradOutput) {
        return operator.backward(contexts.use(layers.get(name), contextId), gradOutput);
    }

    /// The gradients of a forward pass that is run again, with the layer's knobs, gamma and running
    /// statistics as they are now.
    ///
    /// @throws LayerNotFound and what [BatchNormalization] throws
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

    private ForwardPass inferencePass(Layer layer, Tensor input, @Nullable Double wantedBlend) {
        RunningStatistics running = layer.running();
        if (running == null) {
            if (wantedBlend != null) {
                throw new InvalidConfig(
                        "statistics_blend",
                        "statistics_blend needs running statistics, and this layer tracks none");
            }
            return trainingPass(layer, input, Weighting.NONE, null);
        }
        Config config = layer.config();
        double blend =
                wantedBlend == null
                        ? config.variant().statisticsBlend()
                        : Variant.requireShare(wantedBlend);
        return operator.adapt(input, running, blend, parameters(layer), config);
    }

    private ForwardPass trainingPass(
            Layer layer, Tensor input, Weighting weighting, @Nullable BatchStatistics given) {
        if (given != null) {
            requireLength("batch_mean", given.mean(), layer);
            requireLength("batch_var", given.variance(), layer);
        }
        Weights weights = weighting.on(input.shape(), layer.config());
        return operator.train(
                        new TrainingBatch(input, weights, given),
                        parameters(layer),
                        layer.running(),
                        layer.config())
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

    /// Reading changes nothing: a layer without features stays so.
    private Layer sized(Layer layer, Tensor input) {
        return layers.sized(layer, layer.config().layout(input.shape()).channels());
    }
}
