package batchnorm.normalization;

import batchnorm.normalization.Knob.NonFinitePolicy;
import batchnorm.tensor.ChannelLayout;
import batchnorm.tensor.Tensor;

/// What a backward pass needs of its forward: the input, the statistics it was normalized with, and
/// gamma as it was then.
public final class ForwardPass {
    /// Which derivative is meant.
    public enum Mode {
        /// The statistics are functions of the input.
        TRAIN,
        /// The statistics are constants.
        INFER
    }

    private final Mode mode;
    private final Tensor input;
    private final ChannelLayout layout;
    private final double[] mean;
    private final double[] inverseDeviation;
    private final double epsilon;
    private final Parameters parameters;
    private final NonFinitePolicy nonFinite;

    ForwardPass(
            Mode mode,
            Tensor input,
            ChannelLayout layout,
            double[] mean,
            double[] inverseDeviation,
            double epsilon,
            Parameters parameters,
            NonFinitePolicy nonFinite) {
        this.mode = mode;
        this.input = input;
        this.layout = layout;
        this.mean = mean;
        this.inverseDeviation = inverseDeviation;
        this.epsilon = epsilon;
        this.parameters = parameters;
        this.nonFinite = nonFinite;
    }

    public Tensor input() {
        return input;
    }

    public int channels() {
        return layout.channels();
    }

    ChannelLayout layout() {
        return layout;
    }

    Mode mode() {
        return mode;
    }

    double[] mean() {
        return mean;
    }

    /// `s = 1/√(var+ε)`
    double[] inverseDeviation() {
        return inverseDeviation;
    }

    double epsilon() {
        return epsilon;
    }

    Parameters parameters() {
        return parameters;
    }

    NonFinitePolicy nonFinite() {
        return nonFinite;
    }

    /// `γ·s`, the factor of both directions.
    double[] scale() {
        double[] scale = new double[layout.channels()];
        for (int c = 0; c < scale.length; c++) {
            scale[c] = parameters.gammaAt(c) * inverseDeviation[c];
        }
        return scale;
    }

    double[] shift() {
        double[] shift = new double[layout.channels()];
        for (int c = 0; c < shift.length; c++) {
            shift[c] = parameters.betaAt(c);
        }
        return shift;
    }
}
