package batchnorm.normalization;

import batchnorm.tensor.Shape;
import batchnorm.tensor.Tensor;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.function.IntFunction;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;

/// Checks the operator's gradients against central differences of the forward, for the loss `Σ
/// y·dy`.
///
/// All computations use binary64 on the given values, whatever their datatype, to check the
/// formula. The differentiated forward is [ChannelLoss], independent of the operator.
///
/// The step is [#STEP] times the scale of the number: for the input its channel's `√(var+ε)`, for
/// gamma and beta the larger of their size and 1. That cube root of the spacing of binary64
/// balances the truncation, `h²`, against the rounding, `2⁻⁵³/h`: about 1e-10 each.
///
/// The relative error of a difference `n` against a gradient `a` is `|a-n| / max(|a|, |n|, floor)`.
/// Gradients are sums whose terms may cancel, and differences cannot resolve the remaining digits.
/// The floor is therefore a thousandth of the terms: of `|γ|·s·max|dy|` for the input, of
/// `Σ|dy·xhat|` for gamma, of `Σ|dy|` for beta. Below about 1e-6, formula and difference agree.
///
/// @param tensors one entry for each gradient of the layer, with its worst element
public record GradientCheck(List<OfTensor> tensors) {
    public static final int MAX_ELEMENTS = 1_000_000;

    /// `∛2⁻⁵²`
    public static final double STEP = 6.055454452393343e-6;

    /// Bounds the values read by all differences of the input: each difference reads its channel.
    private static final long BUDGET = 1 << 22;

    private static final int AT_LEAST = 16;

    /// Coprime to every smaller number: its multiples visit every element once, in a pattern
    /// unrelated to any layout.
    private static final long STRIDE = 2_654_435_761L;

    /// @param checked the number of compared gradients: all, or a deterministic even sample
    /// @param worst the largest relative error
    public record OfTensor(String name, int checked, int elements, Difference worst) {}

    /// One gradient, computed in both ways.
    ///
    /// @param index in the tensor or vector
    public record Difference(
            List<Integer> index, double analytic, double numeric, double relativeError) {}

    /// @param pass over an FP64 tensor; see [BatchNormalization]
    /// @param gradOutput of its shape, FP64
    /// @throws BatchTooLarge beyond [#MAX_ELEMENTS]
    /// @throws NonFiniteValue for a NaN or an infinity
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

    /// Returns the tensor with the largest relative error; null for an empty batch.
    public @Nullable OfTensor worst() {
        return tensors.stream()
                .max(Comparator.comparingDouble(tensor -> tensor.worst().relativeError()))
                .orElse(null);
    }

    /// Returns a default gradient: deterministic, and without a symmetry that would make the
    /// input's gradient vanish.
    public static Tensor gradientFor(Shape shape) {
        double[] values = new double[shape.elements()];
        for (int i = 0; i < values.length; i++) {
            values[i] = ((i + 1) * STRIDE & 0xFFFF_FFFFL) * 0x1p-31 - 1;
        }
        return Tensor.of(shape, values);
    }

    /// Converts a tensor to FP64.
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
