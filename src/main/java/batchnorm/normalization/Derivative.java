package batchnorm.normalization;

import batchnorm.kernel.AffineMap;
import batchnorm.kernel.ChannelArray;
import batchnorm.kernel.ChannelSums;
import batchnorm.kernel.GradientMap;
import batchnorm.kernel.Kernel;
import batchnorm.kernel.WeightedKernel;
import batchnorm.normalization.Knob.NonFinitePolicy;
import batchnorm.tensor.ChannelLayout;
import batchnorm.tensor.Shape;
import batchnorm.tensor.Slices;
import batchnorm.tensor.Tensor;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// Gradients of forward passes; see the formulas of [BatchNormalization#backward].
final class Derivative {
    private final Kernel kernel;
    private final WeightedKernel weighted;

    Derivative(Kernel kernel, WeightedKernel weighted) {
        this.kernel = kernel;
        this.weighted = weighted;
    }

    Gradients of(BatchPass pass, Tensor gradOutput) {
        requireAlike(pass.shape(), pass.input(), gradOutput);
        ChannelSums sums = new ChannelSums(pass.channels());
        ComputedTensor gradInput = gradInput(pass, gradOutput, sums);
        return gradients(pass, gradOutput, gradInput, sums, pass.nonFinite());
    }

    /// Computes the gradients of each virtual batch; those of gamma and beta are added up.
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
        ChannelSums sums = new ChannelSums(pass.channels());
        ChannelArray dy = ChannelArray.of(gradOutput, pass.layout());
        kernel.gradientSums(dy, pass.array(), pass.mean(), sums);
        return new GradientSums(pass.layout().count(), sums.sum(), sums.product());
    }

    Gradients ofShard(BatchPass pass, Tensor gradOutput, GradientSums total) {
        requireAlike(pass.shape(), pass.input(), gradOutput);
        ChannelSums sums = new ChannelSums(total.sum(), total.product());
        double[] inverse = pass.inverseDeviation();
        GradientMap map =
                GradientMap.of(pass.mean(), pass.scale(), inverse, (double) total.count(), sums);
        ComputedTensor gradInput = inputGradient(pass, gradOutput, map);
        // Non-finite sums of another shard are not an error of this one.
        NonFinitePolicy policy = total.isFinite() ? pass.nonFinite() : NonFinitePolicy.PROPAGATE;
        return gradients(pass, gradOutput, gradInput, sums, policy);
    }

    private static Gradients gradients(
            BatchPass pass,
            Tensor gradOutput,
            ComputedTensor gradInput,
            ChannelSums sums,
            NonFinitePolicy nonFinite) {
        Parameters learned = pass.parametersAreFrozen() ? Parameters.NONE : pass.parameters();
        double[] gradGamma = learned.gamma() == null ? null : pass.gradGamma(sums);
        double[] gradBeta = learned.beta() == null ? null : sums.sum();
        if (nonFinite == NonFinitePolicy.REJECT) {
            Finiteness.requireFinite("grad_input", gradInput, gradOutput, pass.input());
            Finiteness.requireFinite("grad_gamma", gradGamma, gradOutput, pass.input());
            Finiteness.requireFinite("grad_beta", gradBeta, gradOutput, pass.input());
        }
        return new Gradients(gradInput.tensor(), gradGamma, gradBeta);
    }

    private ComputedTensor gradInput(BatchPass pass, Tensor gradOutput, ChannelSums sums) {
        ChannelLayout layout = pass.layout();
        ChannelArray dy = ChannelArray.of(gradOutput, layout);
        ChannelArray x = pass.array();
        double[] mean = pass.normalizer().mean();
        double[] scale = pass.scale();
        Weights weights = pass.weights();
        if (mean != null && weights == null && pass.normalizer().share() == 1) {
            double[] inverse = pass.inverseDeviation();
            return ComputedTensor.like(
                    gradOutput,
                    layout,
                    dx -> kernel.trainingGradient(dy, x, mean, inverse, scale, sums, dx));
        }
        kernel.gradientSums(dy, x, pass.mean(), sums);
        if (mean == null) {
            double[] zero = new double[scale.length];
            AffineMap map = new AffineMap(zero, scale, zero);
            return ComputedTensor.like(gradOutput, layout, dx -> kernel.normalize(dy, map, dx));
        }
        GradientMap map = pass.gradient(mean, sums);
        return weights == null
                ? inputGradient(pass, gradOutput, map)
                : ComputedTensor.like(
                        gradOutput,
                        layout,
                        dx -> weighted.inputGradient(dy, x, weights.values(), map, dx));
    }

    private ComputedTensor inputGradient(BatchPass pass, Tensor gradOutput, GradientMap map) {
        ChannelArray dy = ChannelArray.of(gradOutput, pass.layout());
        return ComputedTensor.like(
                gradOutput, pass.layout(), dx -> kernel.inputGradient(dy, pass.array(), map, dx));
    }

    /// @param input the input of the forward, or a part of it
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
