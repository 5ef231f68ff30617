package batchnorm.normalization;

import batchnorm.tensor.DecimalText;

/// Inference of a layer as one affine map per channel: `y = scale·(x - mean) + beta`, with `scale =
/// γ/√(running_var+ε)`. In the form `y = scale·x + shift`, the shift is `β - mean·scale`.
public final class Affine {
    private final double[] scale;
    private final double[] mean;
    private final double[] beta;

    private Affine(double[] scale, double[] mean, double[] beta) {
        this.scale = scale;
        this.mean = mean;
        this.beta = beta;
        for (int c = 0; c < scale.length; c++) {
            if (!Double.isFinite(scale[c]) || !Double.isFinite(at(c, 0))) {
                throw new NonFiniteResult(
                        "channel %d has scale %s and shift %s; neither may leave the range of FP64, nor"
                                        .formatted(
                                                c,
                                                DecimalText.of(scale[c]),
                                                DecimalText.of(at(c, 0)))
                                + " the layer's vectors hold what is not finite");
            }
        }
    }

    /// @throws NonFiniteResult when a `running_var+ε` is not positive, or a factor or shift is not
    ///   finite
    public static Affine of(RunningStatistics running, Parameters parameters, Config config) {
        double[] mean = running.mean();
        double[] scale = Normalizer.inverses(running.variance(), config.epsilon());
        double[] beta = new double[mean.length];
        for (int c = 0; c < mean.length; c++) {
            scale[c] *= parameters.gammaAt(c);
            beta[c] = parameters.betaAt(c);
        }
        return new Affine(scale, mean, beta);
    }

    public int channels() {
        return scale.length;
    }

    /// Returns the factor of each channel.
    public double[] scale() {
        return scale;
    }

    /// Returns the output of each channel for input 0.
    public double[] shift() {
        double[] shift = new double[scale.length];
        for (int c = 0; c < shift.length; c++) {
            shift[c] = at(c, 0);
        }
        return shift;
    }

    /// Maps a value of a channel. The mean is subtracted first: `scale·x + shift` would lose more
    /// digits of large numbers that nearly cancel.
    double at(int channel, double value) {
        return scale[channel] * (value - mean[channel]) + beta[channel];
    }
}
