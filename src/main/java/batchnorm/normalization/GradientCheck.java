package batchnorm.normalization;

import batchnorm.tensor.Shape;
import batchnorm.tensor.Tensor;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.function.IntFunction;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;

/// The operator's gradients against central differences of the forward, for the loss `Σ y·dy`.
///
/// Everything is computed in binary64 on the values that were sent, whatever their datatype: what
/// is checked is the formula. The forward that is differentiated is [ChannelLoss], written out
/// apart from the operator.
///
/// The step is [#STEP] times what the number spreads by: for the input its channel's `√(var+ε)`,
/// for gamma and beta the larger of their size and 1. That cube root of the spacing of binary64
/// balances the truncation, `h²`, against the rounding, `2⁻⁵³/h`: about 1e-10 each.
///
/// The relative error of a difference `n` against a gradient `a` is `|a-n| / max(|a|, |n|, floor)`.
/// Gradients are sums whose terms may cancel to nothing, which no difference can follow to its last
/// digit, so the floor is a thousandth of the terms: of `|γ|·s·max|dy|` for the input, of
/// `Σ|dy·xhat|` for gamma, of `Σ|dy|` for beta. Below about 1e-6, formula and difference agree.
///
/// @param tensors one for each gradient that the layer has, each with its worst
public record GradientCheck(List<OfTensor> tensors) {
    public static final int MAX_ELEMENTS = 1_000_000;

    /// `∛2⁻⁵²`
    public static final double STEP = 6.055454452393343e-6;

    /// Values that differences of the input may look at, all together: each looks at its channel.
    private static final long BUDGET = 1 << 22;

    private static final int AT_LEAST = 16;

    /// Coprime to every smaller number, so its multiples visit every element once, in no pattern
    /// that a layout could share.
    private static final long STRIDE = 2_654_435_761L;

    /// @param checked how many of its gradients were compared: all, or an even sample that is the
    ///   same every time
    /// @param worst the largest relative error
    public record OfTensor(String name, int checked, int elements, Difference worst) {}

    /// One gradient, both ways.
    ///
    /// @param index in the tensor or vector
    public record Difference(
            List<Integer> index, double analytic, double numeric, double relativeError) {}

    /// @param pass of a tensor of FP64; see [BatchNormalization]
    /// @param gradOutput of its shape, FP64
    /// @throws BatchTooLarge beyond [#MAX_ELEMENTS]
    /// @throws NonFiniteValue for a NaN or an infinity, which has no neighbourhood
    public static GradientCheck of(BatchNormalization operator, BatchPass pass, Tensor gradOutput) {
        Shape shape = pass.input().shape();
        BatchTooLarge.check("a gradient check", shape.elements(), MAX_ELEMENTS);
        Finiteness.requireFinite("input", pass.input());
        Finiteness.requireFinite("grad_output", gradOutput);
        Gradients gradients = operator.backward(pass, gradOutput);
        if (shape.elements() == 0) {
            return new GradientCheck(List.of());
        }
        List<ChannelLoss> losses =
                IntStream.range(0, pass.channels())
                        .mapToObj(channel -> ChannelLoss.of(pass, gradOutput, channel))
                        .toList();
        List<OfTensor> tensors = new ArrayList<>();
        tensors.add(ofInput(pass, losses, gradients.input()));
        double[] gamma = gradients.gamma();
        if (gamma != null) {
            tensors.add(ofVector("grad_gamma", losses, c -> losses.get(c).byGamma(gamma[c])));
        }
        double[] beta = gradients.beta();
        if (beta != null) {
            tensors.add(ofVector("grad_beta", losses, c -> losses.get(c).byBeta(beta[c])));
        }
        return new GradientCheck(tensors);
    }

    /// The tensor with the largest relative error; null of an empty batch.
    public @Nullable OfTensor worst() {
        return tensors.stream()
                .max(Comparator.comparingDouble(tensor -> tensor.worst().relativeError()))
                .orElse(null);
    }

    /// A gradient to check with where the caller has none: of no symmetry that would make the
    /// input's gradient vanish, and the same every time.
    public static Tensor gradientFor(Shape shape) {
        double[] values = new double[shape.elements()];
        for (int i = 0; i < values.length; i++) {
            values[i] = ((i + 1) * STRIDE & 0xFFFF_FFFFL) * 0x1p-31 - 1;
        }
        return Tensor.of(shape, values);
    }

    /// The same numbers as FP64.
    public static Tensor widened(Tensor tensor) {
        return Tensor.of(tensor.shape(), tensor.toDoubles());
    }

    private static OfTensor ofInput(BatchPass pass, List<ChannelLoss> losses, Tensor gradient) {
        Shape shape = gradient.shape();
        int elements = shape.elements();
        long affordable = BUDGET / losses.getFirst().count();
        int checked = (int) Math.min(elements, Math.max(AT_LEAST, affordable));
        IntFunction<Difference> difference =
                sample -> {
                    int at = (int) (sample * STRIDE % elements);
                    ChannelLoss loss = losses.get(pass.layout().channelOf(at));
                    return loss.byInput(at, gradient.at(at)).at(shape.coordinates(at));
                };
        return new OfTensor("grad_input", checked, elements, worst(checked, difference));
    }

    private static OfTensor ofVector(
            String name, List<ChannelLoss> losses, IntFunction<ChannelLoss.Comparison> comparison) {
        return new OfTensor(
                name,
                losses.size(),
                losses.size(),
                worst(losses.size(), c -> comparison.apply(c).at(c)));
    }

    private static Difference worst(int checked, IntFunction<Difference> difference) {
        return IntStream.range(0, checked)
                .mapToObj(difference)
                .max(Comparator.comparingDouble(Difference::relativeError))
                .orElseThrow();
    }
}
