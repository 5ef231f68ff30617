package batchnorm.normalization;

import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/// The learned parameters, per channel; a layer without scale has no gamma, one without shift no
/// beta.
///
/// Arrays are shared, never written: an update returns new ones.
public final class Parameters {
    static final Parameters NONE = new Parameters(null, null);

    private final double @Nullable [] gamma;
    private final double @Nullable [] beta;

    public Parameters(double @Nullable [] gamma, double @Nullable [] beta) {
        this.gamma = gamma;
        this.beta = beta;
    }

    /// Returns gamma 1 and beta 0, if the layer has them.
    public static Parameters initial(Config config, int features) {
        double[] ones = new double[features];
        Arrays.fill(ones, 1);
        return new Parameters(
                config.scale() ? ones : null, config.shift() ? new double[features] : null);
    }

    public double @Nullable [] gamma() {
        return gamma;
    }

    public double @Nullable [] beta() {
        return beta;
    }

    double gammaAt(int channel) {
        return gamma == null ? 1 : gamma[channel];
    }

    double betaAt(int channel) {
        return beta == null ? 0 : beta[channel];
    }
}
