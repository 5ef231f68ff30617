package batchnorm.layer;

import batchnorm.normalization.BatchNormalization;
import batchnorm.normalization.BatchPass;
import batchnorm.normalization.Explanation;
import batchnorm.normalization.ForwardPass.Mode;
import batchnorm.normalization.GradientCheck;
import batchnorm.normalization.Parameters;
import batchnorm.normalization.RunningStatistics;
import batchnorm.tensor.Tensor;
import java.util.List;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/// Explains a layer's passes number by number, without changing the layer.
public final class Insights {
    private final BatchNormalization operator;

    public Insights(BatchNormalization operator) {
        this.operator = operator;
    }

    /// Returns every intermediate of a small batch.
    ///
    /// @param gradOutput null for the forward alone
    /// @throws batchnorm.normalization.BatchTooLarge and the exceptions of [BatchNormalization]
    public List<Explanation.Step> explain(
            Layer layer, Tensor input, @Nullable Tensor gradOutput, Mode mode) {
        Layer sized = sized(layer, input);
        Parameters parameters = Objects.requireNonNull(sized.parameters());
        RunningStatistics running = sized.running();
        return running == null || followsBatch(sized, mode)
                ? Explanation.train(
                        operator,
                        input,
                        parameters,
                        mode == Mode.TRAIN ? running : null,
                        sized.config(),
                        gradOutput)
                : Explanation.infer(
                        operator, input, parameters, running, sized.config(), gradOutput);
    }

    /// Compares the layer's gradients with differences of its forward, both in binary64.
    ///
    /// @param gradOutput null for a generated one
    /// @throws batchnorm.normalization.BatchTooLarge, batchnorm.normalization.NonFiniteValue and
    ///   the exceptions of [BatchNormalization]
    public GradientCheck checkGradients(
            Layer layer, Tensor input, @Nullable Tensor gradOutput, Mode mode) {
        Layer sized = sized(layer, input);
        return GradientCheck.of(
                operator,
                pass(sized, GradientCheck.widened(input), mode),
                gradOutput == null
                        ? GradientCheck.gradientFor(input.shape())
                        : GradientCheck.widened(gradOutput));
    }

    private BatchPass pass(Layer sized, Tensor input, Mode mode) {
        Parameters parameters = Objects.requireNonNull(sized.parameters());
        RunningStatistics running = sized.running();
        return running == null || followsBatch(sized, mode)
                ? operator.train(
                        input,
                        operator.statistics(input, sized.config()),
                        parameters,
                        sized.config())
                : operator.infer(input, running, parameters, sized.config());
    }

    /// Returns whether the pass normalizes with the batch's statistics. Frozen statistics are
    /// constants in training, too.
    private static boolean followsBatch(Layer layer, Mode mode) {
        if (mode == Mode.TRAIN) {
            layer.config().requirePlain("looking inside a training pass");
        }
        return layer.running() == null
                || (mode == Mode.TRAIN && !layer.config().variant().freezeStatistics());
    }

    private static Layer sized(Layer layer, Tensor input) {
        return layer.withFeatures(layer.config().layout(input.shape()).channels(), "input");
    }
}
