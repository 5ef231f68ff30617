package batchnorm.normalization;

import batchnorm.kernel.AffineMap;
import batchnorm.kernel.ChannelArray;
import batchnorm.kernel.ChannelSums;
import batchnorm.kernel.GradientMap;
import batchnorm.normalization.Knob.NonFinitePolicy;
import batchnorm.tensor.ChannelLayout;
import batchnorm.tensor.Shape;
import batchnorm.tensor.Tensor;
import org.jspecify.annotations.Nullable;

/// A pass over a batch that is normalized as a whole: the input, its statistics, the weights of its
/// positions, and the parameters at that time.
public final class BatchPass implements ForwardPass {
    /// Gamma and beta.
    private static final int PARAMETERS = 2;

    private final Tensor input;
    private final ChannelLayout layout;
    private final Normalizer normalizer;
    private final @Nullable Weights weights;
    private final Parameters parameters;
    private final double epsilon;
    private final NonFinitePolicy nonFinite;
    private final boolean parametersAreFrozen;

    BatchPass(
            Tensor input,
            ChannelLayout layout,
            Normalizer normalizer,
            @Nullable Weights weights,
            Parameters parameters,
            Config config) {
        this.input = input;
        this.layout = layout;
        this.normalizer = normalizer;
        this.weights = weights;
        this.parameters = parameters;
        this.epsilon = config.epsilon();
        this.nonFinite = config.policies().nonFinite();
        this.parametersAreFrozen = config.variant().freezeParameters();
    }

    Tensor input() {
        return input;
    }

    @Override
    public Shape shape() {
        return input.shape();
    }

    @Override
    public int channels() {
        return layout.channels();
    }

    @Override
    public long bytes() {
        int width = input instanceof Tensor.Doubles ? Double.BYTES : Float.BYTES;
        return (long) width * input.shape().elements()
                + (long) Double.BYTES * channels() * (PARAMETERS + normalizer.vectors())
                + (weights == null ? 0 : weights.bytes());
    }

    /// Returns train mode if the statistics depend on the batch, otherwise infer mode.
    Mode mode() {
        return normalizer.mean() == null ? Mode.INFER : Mode.TRAIN;
    }

    double epsilon() {
        return epsilon;
    }

    ChannelLayout layout() {
        return layout;
    }

    Normalizer normalizer() {
        return normalizer;
    }

    /// Returns the weights of positions in the statistics; null if all are 1.
    @Nullable Weights weights() {
        return weights;
    }

    double[] mean() {
        return normalizer.center();
    }

    /// `s = 1/√(var+ε)`
    double[] inverseDeviation() {
        return normalizer.inverse();
    }

    Parameters parameters() {
        return parameters;
    }

    NonFinitePolicy nonFinite() {
        return nonFinite;
    }

    /// Returns whether gamma and beta have no gradients.
    boolean parametersAreFrozen() {
        return parametersAreFrozen;
    }

    /// Returns `γ·s·r`, the factor of both directions.
    double[] scale() {
        double[] scale = new double[layout.channels()];
        for (int c = 0; c < scale.length; c++) {
            scale[c] = parameters.gammaAt(c) * normalizer.slope(c);
        }
        return scale;
    }

    /// Returns `β + γ·d`.
    double[] shift() {
        double[] shift = new double[layout.channels()];
        for (int c = 0; c < shift.length; c++) {
            shift[c] = parameters.betaAt(c) + parameters.gammaAt(c) * normalizer.shift(c);
        }
        return shift;
    }

    /// Returns the input, viewed by channel.
    ChannelArray array() {
        return ChannelArray.of(input, layout);
    }

    /// `y = γ·s·r·(x-mu) + β + γ·d`
    AffineMap output() {
        return new AffineMap(mean(), scale(), shift());
    }

    /// Returns `dγ = Σdy·xhat`.
    double[] gradGamma(ChannelSums sums) {
        double[] gradient = new double[channels()];
        for (int c = 0; c < gradient.length; c++) {
            gradient[c] =
                    normalizer.slope(c) * sums.product()[c] + normalizer.shift(c) * sums.sum()[c];
        }
        return gradient;
    }

    /// Returns the map of the input's gradient when a share `a` of the statistics depends on the
    /// batch: it loses `a` times the loss of a full dependency.
    ///
    /// @param mean of the batch
    GradientMap gradient(double[] mean, ChannelSums sums) {
        double count = weights == null ? layout.count() : weights.total();
        return GradientMap.of(
                mean, scale(), normalizer.inverse(), count / normalizer.share(), sums);
    }
}
