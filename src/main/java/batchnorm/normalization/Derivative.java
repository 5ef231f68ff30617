package batchnorm.normalization;

import batchnorm.kernel.Correction;
import batchnorm.normalization.Knob.NonFinitePolicy;
import batchnorm.normalization.TensorKernel.Result;
import batchnorm.tensor.ChannelLayout;
import batchnorm.tensor.Shape;
import batchnorm.tensor.Slices;
import batchnorm.tensor.Tensor;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// Gradients of forward passes; the formulas stand at [BatchNormalization#backward].
final class Derivative {
    private final TensorKernel kernel;
    private final WeightedTensorKernel weighted;

    Derivative(TensorKernel kernel, WeightedTensorKernel weighted) {
        this.kernel = kernel;
        this.weighted = weighted;
    }

    Gradients of(BatchPass pass, Tensor gradOutput) {
        requireAlike(pass.shape(), pass.input(), gradOutput);
        double[] sum = new double[pass.channels()];
        double[] product = new double[pass.channels()];
        Result gradInput = gradInput(pass, gradOutput, sum, product);
        return gradients(pass, gradOutput, gradInput, sum, product, pass.nonFinite());
    }

    /// Each virtual batch has gradients of its own; gamma and beta have their sum.
    Gradients of(VirtualPass pass, Tensor gradOutput) {
        Tensor first = pass.parts().getFirst().input();
        requireAlike(pass.shape(), first, gradOutput);
        List<Tensor> slices = Slices.cut(gradOutput, first.shape().dimension(0));
        List<Tensor> inputs = new ArrayList<>();
        double[] gamma = null;
        double[] beta = null;
        for (int i = 0; i < slices.size(); i++) {
            Gradients part = of(pass.parts().get(i), slices.get(i));
            inputs.add(part.input());
            gamma = plus(gamma, part.gamma());
            beta = plus(beta, part.beta());
        }
        return new Gradients(Slices.join(pass.shape(), inputs), gamma, beta);
    }

    private static double @Nullable [] plus(double @Nullable [] sum, double @Nullable [] part) {
        if (sum == null || part == null) {
            return part;
        }
        for (int c = 0; c < sum.length; c++) {
            sum[c] += part[c];
        }
        return sum;
    }

    GradientSums sums(BatchPass pass, Tensor gradOutput) {
        requireAlike(pass.shape(), pass.input(), gradOutput);
        ChannelLayout layout = pass.layout();
        double[] sum = new double[layout.channels()];
        double[] product = new double[layout.channels()];
        kernel.gradientSums(gradOutput, pass.input(), layout, pass.mean(), sum, product);
        return new GradientSums(layout.count(), sum, product);
    }

    Gradients ofShard(BatchPass pass, Tensor gradOutput, GradientSums total) {
        requireAlike(pass.shape(), pass.input(), gradOutput);
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

    private static Gradients gradients(
            BatchPass pass,
            Tensor gradOutput,
            Result gradInput,
            double[] sum,
            double[] product,
            NonFinitePolicy nonFinite) {
        Parameters learned = pass.parametersAreFrozen() ? Parameters.NONE : pass.parameters();
        double[] gradGamma = learned.gamma() == null ? null : pass.gradGamma(sum, product);
        double[] gradBeta = learned.beta() == null ? null : sum;
        if (nonFinite == NonFinitePolicy.REJECT) {
            Finiteness.requireFinite("grad_input", gradInput, gradOutput, pass.input());
            Finiteness.requireFinite("grad_gamma", gradGamma, gradOutput, pass.input());
            Finiteness.requireFinite("grad_beta", gradBeta, gradOutput, pass.input());
        }
        return new Gradients(gradInput.tensor(), gradGamma, gradBeta);
    }

    private Result gradInput(BatchPass pass, Tensor dy, double[] sum, double[] product) {
        Tensor x = pass.input();
        ChannelLayout layout = pass.layout();
        double[] mean = pass.normalizer().mean();
        double[] scale = pass.scale();
        Weights weights = pass.weights();
        if (mean != null && weights == null && pass.normalizer().share() == 1) {
            double[] inverse = pass.inverseDeviation();
            return kernel.trainingGradient(dy, x, layout, mean, inverse, scale, sum, product);
        }
        kernel.gradientSums(dy, x, layout, pass.mean(), sum, product);
        if (mean == null) {
            return kernel.scale(dy, layout, scale);
        }
        Correction correction = pass.correction(sum, product);
        return weights == null
                ? kernel.inputGradient(dy, x, layout, mean, scale, correction)
                : weighted.inputGradient(dy, x, weights, layout, mean, scale, correction);
    }

    /// @param input of the forward, or a part of it
    private static void requireAlike(Shape shape, Tensor input, Tensor gradOutput) {
        if (!gradOutput.shape().equals(shape)) {
            throw new ShapeMismatch(
                    "grad_output",
                    "grad_output has shape "
                            + gradOutput.shape()
                            + ", but the forward's input had "
                            + shape);
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
