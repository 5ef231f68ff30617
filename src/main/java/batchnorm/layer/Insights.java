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

/// What a layer would do with a batch, number by number. Nothing changes.
public final class Insights {
    private final BatchNormalization operator;

    public Insights(BatchNormalization operator) {
        this.operator = operator;
    }

    /// Every intermediate of a small batch.
    ///
    /// @param gradOutput null for the forward alone
    /// @throws batchnorm.normalization.BatchTooLarge and what [BatchNormalization] throws
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

    /// The layer's gradients against differences of its forward, both in binary64.
    ///
    /// @param gradOutput null for one that is made up
    /// @throws batchnorm.normalization.BatchTooLarge, batchnorm.normalization.NonFiniteValue and
    ///   what [BatchNormalization] throws
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

    /// Frozen statistics are constants in training, too.
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
