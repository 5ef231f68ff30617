package batchnorm.normalization;

import batchnorm.kernel.Correction;
import batchnorm.kernel.Kernel;
import batchnorm.normalization.ForwardPass.Mode;
import batchnorm.normalization.Knob.NonFinitePolicy;
import batchnorm.normalization.Knob.SingleValuePolicy;
import batchnorm.normalization.TensorKernel.Result;
import batchnorm.tensor.ChannelLayout;
import batchnorm.tensor.Tensor;

/// The operator of Ioffe and Szegedy (2015), as pure functions: nothing here remembers anything.
///
/// Per channel, over its `m` values: `mean = Σx/m`, `var = Σ(x-mean)²/m`, `s = 1/√(var+ε)`, `xhat =
/// (x-mean)·s`, `y = γ·xhat + β`. Statistics and parameters are binary64, whatever the tensor's
/// datatype.
public final class BatchNormalization {
    private final TensorKernel kernel;

    public BatchNormalization(Kernel kernel) {
        this.kernel = new TensorKernel(kernel);
    }

    /// What a batch is normalized with in training. An empty batch has the statistics 0.
    ///
    /// @throws SingleValue for one value per channel, where the layer rejects that
    /// @throws NonFiniteValue for a NaN or an infinity in the input, where the layer rejects them
    /// @throws NonFiniteResult when a statistic of finite values overflows binary64
    public BatchStatistics statistics(Tensor input, Config config) {
        requireVariance(
                config.layout(input.shape()).count(), config, "shape " + input.shape() + " holds");
        return statistics(moments(input, config), config);
    }

    /// The same of a batch whose moments are known, because it came in shards.
    ///
    /// @throws SingleValue for one value per channel, where the layer rejects that
    public BatchStatistics statistics(Moments batch, Config config) {
        requireVariance(batch.count(), config, "the whole batch has");
        return new BatchStatistics(batch.count(), batch.mean(), batch.variance());
    }

    private static void requireVariance(long count, Config config, String subject) {
        if (count == 1 && config.singleValue() == SingleValuePolicy.REJECT) {
            throw new SingleValue(
                    subject
                            + " one value per channel, whose variance is 0; send two or more, or"
                            + " create the layer with \"single_value\": \"zero_variance\"");
        }
    }

    /// Of a whole batch, or of one shard of it: what a shard knows by itself.
    ///
    /// @throws NonFiniteValue for a NaN or an infinity in the input, where the layer rejects them
    /// @throws NonFiniteResult when a moment of finite values overflows binary64
    public Moments moments(Tensor input, Config config) {
        ChannelLayout layout = config.layout(input.shape());
        double[] mean = new double[layout.channels()];
        double[] m2 = new double[layout.channels()];
        double[] rest = new double[layout.channels()];
        kernel.moments(input, layout, mean, rest, m2);
        Moments moments = new Moments(layout.count(), mean, rest, m2);
        int channel = moments.firstNonFinite();
        if (channel >= 0 && !config.propagatesNonFinite()) {
            throw Finiteness.ofMoments(input, channel, layout.count());
        }
        return moments;
    }

    /// A pass in train mode: normalized with the batch's own statistics.
    ///
    /// @throws NonFiniteResult when `var+ε` is 0
    public ForwardPass train(
            Tensor input, BatchStatistics batch, Parameters parameters, Config config) {
        return pass(Mode.TRAIN, input, batch.mean(), batch.variance(), parameters, config);
    }

    /// A pass in infer mode: normalized with given statistics, which are constants.
    ///
    /// @throws NonFiniteResult when a `running_var+ε` is not positive
    public ForwardPass infer(
            Tensor input, RunningStatistics running, Parameters parameters, Config config) {
        return pass(Mode.INFER, input, running.mean(), running.variance(), parameters, config);
    }

    private static ForwardPass pass(
            Mode mode,
            Tensor input,
            double[] mean,
            double[] variance,
            Parameters parameters,
            Config config) {
        double[] inverseDeviation = inverseDeviation(variance, config.epsilon());
        return new ForwardPass(
                mode,
                input,
                config.layout(input.shape()),
                mean,
                inverseDeviation,
                config.epsilon(),
                parameters,
                config.nonFinite());
    }

    private static double[] inverseDeviation(double[] variance, double epsilon) {
        double[] inverse = new double[variance.length];
        for (int c = 0; c < variance.length; c++) {
            if (variance[c] + epsilon <= 0) {
                throw Finiteness.ofDeviation(c, variance[c], epsilon);
            }
            inverse[c] = 1 / Math.sqrt(variance[c] + epsilon);
        }
        return inverse;
    }

    /// `y = γ·(x-mean)·s + β`, of the input's shape and datatype.
    ///
    /// @throws NonFiniteResult when finite numbers overflow the datatype, unless the layer
    ///   propagates them
    public Tensor output(ForwardPass pass) {
        Result output =
                kernel.normalize(
                        pass.input(), pass.layout(), pass.mean(), pass.scale(), pass.shift());
        if (pass.nonFinite() == NonFinitePolicy.REJECT) {
            Finiteness.requireFinite("output", output, pass.input());
        }
        return output.tensor();
    }

    /// The derivative of [#output]. With `S = Σdy` and `P = Σdy·(x-mean)`: `dβ = S`, `dγ = s·P`,
    /// and in train mode `dx = γ·s·(dy - S/m - (x-mean)·s²·P/m)`, in infer mode `dx = γ·s·dy`.
    ///
    /// @throws ShapeMismatch when the gradient is not of the input's shape and datatype
    /// @throws NonFiniteResult when finite numbers overflow the datatype, unless the layer
    ///   propagates them
    public Gradients backward(ForwardPass pass, Tensor gradOutput) {
        requireAlike(pass.input(), gradOutput);
        ChannelLayout layout = pass.layout();
        double[] sum = new double[layout.channels()];
        double[] product = new double[layout.channels()];
        Result gradInput =
                switch (pass.mode()) {
                    case TRAIN ->
                            kernel.trainingGradient(
                                    gradOutput,
                                    pass.input(),
                                    layout,
                                    pass.mean(),
                                    pass.inverseDeviation(),
                                    pass.scale(),
                                    sum,
                                    product);
                    case INFER -> {
                        kernel.gradientSums(
                                gradOutput, pass.input(), layout, pass.mean(), sum, product);
                        yield kernel.scale(gradOutput, layout, pass.scale());
                    }
                };
        return gradients(pass, gradOutput, gradInput, sum, product, pass.nonFinite());
    }

    /// What one shard of a batch adds to the sums of its backward.
    ///
    /// @param pass in train mode, of the shard, with the statistics of the whole batch
    /// @throws ShapeMismatch when the gradient is not of the input's shape and datatype
    public GradientSums gradientSums(ForwardPass pass, Tensor gradOutput) {
        requireAlike(pass.input(), gradOutput);
        ChannelLayout layout = pass.layout();
        double[] sum = new double[layout.channels()];
        double[] product = new double[layout.channels()];
        kernel.gradientSums(gradOutput, pass.input(), layout, pass.mean(), sum, product);
        return new GradientSums(layout.count(), sum, product);
    }

    /// The derivative of [#output] for one shard of a batch; those of gamma and beta are the whole
    /// batch's.
    ///
    /// @param total the sums of all shards
    /// @throws ShapeMismatch when the gradient is not of the input's shape and datatype
    /// @throws NonFiniteResult when finite numbers overflow the datatype, unless the layer
    ///   propagates them
    public Gradients backward(ForwardPass pass, Tensor gradOutput, GradientSums total) {
        requireAlike(pass.input(), gradOutput);
        Correction correction = new Correction(pass.inverseDeviation(), total.count());
        correction.put(0, pass.channels(), total.sum(), total.product());
        Result gradInput =
                kernel.inputGradient(
                        gradOutput,
                        pass.input(),
                        pass.layout(),
                        pass.mean(),
                        pass.scale(),
                        correction);
        // What another shard sent, this one cannot be blamed for.
        NonFinitePolicy policy = total.isFinite() ? pass.nonFinite() : NonFinitePolicy.PROPAGATE;
        return gradients(pass, gradOutput, gradInput, total.sum(), total.product(), policy);
    }

    /// The derivative for gamma alone, `s·P`: what is left for whoever keeps tensors elsewhere.
    public double[] gammaGradient(BatchStatistics batch, Config config, GradientSums total) {
        return times(total.product(), inverseDeviation(batch.variance(), config.epsilon()));
    }

    private static Gradients gradients(
            ForwardPass pass,
            Tensor gradOutput,
            Result gradInput,
            double[] sum,
            double[] product,
            NonFinitePolicy nonFinite) {
        Parameters parameters = pass.parameters();
        double[] gradGamma =
                parameters.gamma() == null ? null : times(product, pass.inverseDeviation());
        double[] gradBeta = parameters.beta() == null ? null : sum;
        if (nonFinite == NonFinitePolicy.REJECT) {
            Finiteness.requireFinite("grad_input", gradInput, gradOutput, pass.input());
            Finiteness.requireFinite("grad_gamma", gradGamma, gradOutput, pass.input());
            Finiteness.requireFinite("grad_beta", gradBeta, gradOutput, pass.input());
        }
        return new Gradients(gradInput.tensor(), gradGamma, gradBeta);
    }

    private static double[] times(double[] a, double[] b) {
        double[] product = new double[a.length];
        for (int c = 0; c < a.length; c++) {
            product[c] = a[c] * b[c];
        }
        return product;
    }

    private static void requireAlike(Tensor input, Tensor gradOutput) {
        if (!gradOutput.shape().equals(input.shape())) {
            throw new ShapeMismatch(
                    "grad_output",
                    "grad_output has shape "
                            + gradOutput.shape()
                            + ", but the forward's input had "
                            + input.shape());
        }
        if (gradOutput.dataType() != input.dataType()) {
            throw new ShapeMismatch(
                    "grad_output",
                    "grad_output is "
                            + gradOutput.dataType()
                            + ", but the forward's input was "
                            + input.dataType()
                            + "; send it in the same datatype");
        }
    }
}
