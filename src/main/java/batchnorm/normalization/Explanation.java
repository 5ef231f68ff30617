package batchnorm.normalization;

import batchnorm.normalization.ForwardPass.Mode;
import batchnorm.normalization.Knob.RunningVariance;
import batchnorm.tensor.ChannelLayout;
import batchnorm.tensor.Shape;
import batchnorm.tensor.Tensor;
import java.util.ArrayList;
import java.util.List;
import java.util.function.IntToDoubleFunction;
import org.jspecify.annotations.Nullable;

/// A pass step by step, as in teaching texts: every intermediate with its formula.
///
/// The results of a pass (`output`, the running statistics, `dbeta`, `dgamma`, `dx`) are the
/// operator's own, bit for bit. The intermediates are computed here in binary64, element by element
/// and in the order of the formulas. Therefore `dx_by_chain` and `dx` differ in their last digits.
public final class Explanation {
    public static final int MAX_ELEMENTS = 10_000;

    /// @param name the name in teaching texts: `xhat`, `dvar`
    public record Step(String name, String formula, Value value) {}

    public sealed interface Value {
        /// One number per element of the input.
        record Elements(Tensor tensor) implements Value {}

        /// One number per channel.
        record Channels(double[] vector) implements Value {}
    }

    private final Tensor input;
    private final ChannelLayout layout;
    private final double count;
    private final List<Step> steps = new ArrayList<>();

    private Explanation(BatchPass pass) {
        this.input = pass.input();
        this.layout = pass.layout();
        this.count = Math.max(1, layout.count());
    }

    /// Explains a training step without performing it.
    ///
    /// @param running the statistics before the step; null when the layer tracks none
    /// @param gradOutput null for the forward alone
    /// @throws BatchTooLarge beyond [#MAX_ELEMENTS], and what the operator throws
    public static List<Step> train(
            BatchNormalization operator,
            Tensor input,
            Parameters parameters,
            @Nullable RunningStatistics running,
            Config config,
            @Nullable Tensor gradOutput) {
        BatchTooLarge.check("an explanation", input.shape().elements(), MAX_ELEMENTS);
        BatchStatistics batch = operator.statistics(input, config);
        BatchPass pass = operator.train(input, batch, parameters, config);
        Explanation explanation = new Explanation(pass);
        explanation.channels("mean", "Σx / m", batch.mean());
        double[] centered = explanation.centered(pass);
        explanation.channels("var", "Σ centered² / m", batch.variance());
        double[] normalized = explanation.normalized(pass, centered, batch.variance(), config);
        explanation.elements("output", "γ · xhat + β", operator.output(pass));
        if (running != null && !batch.isEmpty()) {
            explanation.update(batch, running, config);
        }
        if (gradOutput != null) {
            explanation.backward(pass, operator.backward(pass, gradOutput), gradOutput, normalized);
        }
        return explanation.steps;
    }

    /// Explains an inference, whose statistics are constants.
    ///
    /// @param gradOutput null for the forward alone
    /// @throws BatchTooLarge beyond [#MAX_ELEMENTS], and what the operator throws
    public static List<Step> infer(
            BatchNormalization operator,
            Tensor input,
            Parameters parameters,
            RunningStatistics running,
            Config config,
            @Nullable Tensor gradOutput) {
        BatchTooLarge.check("an explanation", input.shape().elements(), MAX_ELEMENTS);
        BatchPass pass = operator.infer(input, running, parameters, config);
        Explanation explanation = new Explanation(pass);
        explanation.channels("mean", "running_mean", running.mean());
        double[] centered = explanation.centered(pass);
        explanation.channels("var", "running_var", running.variance());
        double[] normalized = explanation.normalized(pass, centered, running.variance(), config);
        explanation.elements("output", "γ · xhat + β", operator.output(pass));
        if (gradOutput != null) {
            explanation.backward(pass, operator.backward(pass, gradOutput), gradOutput, normalized);
        }
        return explanation.steps;
    }

    private double[] centered(BatchPass pass) {
        return elements("centered", "x - mean", i -> input.at(i) - pass.mean()[channel(i)]);
    }

    private double[] normalized(
            BatchPass pass, double[] centered, double[] variance, Config config) {
        channels("std", "√(var + ε)", c -> Math.sqrt(variance[c] + config.epsilon()));
        double[] inverse = pass.inverseDeviation();
        channels("inverse_std", "1 / std", inverse);
        return elements("xhat", "centered · inverse_std", i -> centered[i] * inverse[channel(i)]);
    }

    private void update(BatchStatistics batch, RunningStatistics running, Config config) {
        RunningStatistics next = running.updated(batch, config);
        String alpha = ", α = " + config.alpha(next.batches());
        boolean unbiased = config.runningVariance() == RunningVariance.UNBIASED;
        if (unbiased) {
            channels(
                    "unbiased_var", "var · m / (m - 1)", RunningStatistics.averaged(batch, config));
        }
        channels("running_mean", "running_mean + α · (mean - running_mean)" + alpha, next.mean());
        channels(
                "running_var",
                "running_var + α · ("
                        + (unbiased ? "unbiased_var" : "var")
                        + " - running_var)"
                        + alpha,
                next.variance());
    }

    private void backward(BatchPass pass, Gradients gradients, Tensor dy, double[] normalized) {
        if (gradients.beta() != null) {
            channels("dbeta", "Σ dy", gradients.beta());
        }
        if (gradients.gamma() != null) {
            channels("dgamma", "Σ dy · xhat", gradients.gamma());
        }
        Parameters parameters = pass.parameters();
        double[] ofNormalized =
                elements("dxhat", "γ · dy", i -> parameters.gammaAt(channel(i)) * dy.at(i));
        if (pass.mode() == Mode.INFER) {
            elements("dx", "dxhat · inverse_std", gradients.input());
            return;
        }
        chain(pass.inverseDeviation(), ofNormalized, normalized);
        double[] sum = sums(dy::at);
        double[] product = sums(i -> dy.at(i) * normalized[i]);
        channels("mean_dy", "Σ dy / m", c -> sum[c] / count);
        elements(
                "dy_along_xhat",
                "xhat · Σ(dy · xhat) / m",
                i -> normalized[i] * product[channel(i)] / count);
        elements("dx", "γ · inverse_std · (dy - mean_dy - dy_along_xhat)", gradients.input());
    }

    /// Adds the chain rule through every intermediate, as in teaching texts.
    private void chain(double[] inverse, double[] ofNormalized, double[] normalized) {
        double[] direct =
                elements(
                        "dxc_direct",
                        "dxhat · inverse_std",
                        i -> ofNormalized[i] * inverse[channel(i)]);
        double[] ofDeviation =
                channels(
                        "dstd",
                        "-Σ dxhat · centered / std²",
                        negated(sums(i -> direct[i] * normalized[i])));
        double[] ofVariance =
                channels("dvar", "dstd / (2 · std)", c -> ofDeviation[c] * inverse[c] / 2);
        double[] ofCentered =
                elements(
                        "dxc",
                        "dxc_direct + 2 / m · centered · dvar",
                        i ->
                                direct[i]
                                        + 2
                                                / count
                                                * (normalized[i] / inverse[channel(i)])
                                                * ofVariance[channel(i)]);
        double[] ofMean = channels("dmu", "Σ dxc", sums(i -> ofCentered[i]));
        elements("dx_by_chain", "dxc - dmu / m", i -> ofCentered[i] - ofMean[channel(i)] / count);
    }

    private int channel(int index) {
        return layout.channelOf(index);
    }

    private double[] sums(IntToDoubleFunction term) {
        double[] sums = new double[layout.channels()];
        for (int i = 0; i < input.shape().elements(); i++) {
            sums[channel(i)] += term.applyAsDouble(i);
        }
        return sums;
    }

    private static double[] negated(double[] values) {
        double[] negated = new double[values.length];
        for (int c = 0; c < values.length; c++) {
            negated[c] = -values[c];
        }
        return negated;
    }

    private double[] elements(String name, String formula, IntToDoubleFunction value) {
        Shape shape = input.shape();
        double[] values = new double[shape.elements()];
        for (int i = 0; i < values.length; i++) {
            values[i] = value.applyAsDouble(i);
        }
        elements(name, formula, Tensor.of(shape, values));
        return values;
    }

    private void elements(String name, String formula, Tensor value) {
        steps.add(new Step(name, formula, new Value.Elements(value)));
    }

    private double[] channels(String name, String formula, IntToDoubleFunction value) {
        double[] values = new double[layout.channels()];
        for (int c = 0; c < values.length; c++) {
            values[c] = value.applyAsDouble(c);
        }
        return channels(name, formula, values);
    }

    private double[] channels(String name, String formula, double[] value) {
        steps.add(new Step(name, formula, new Value.Channels(value)));
        return value;
    }
}
