package batchnorm.diagnosis;

import batchnorm.normalization.ShapeMismatch;
import org.jspecify.annotations.Nullable;

/// The numbers of a layer in inference, one for each channel.
///
/// @param gamma null is 1
/// @param beta null is 0
public record BatchNorm(
        double @Nullable [] gamma,
        double @Nullable [] beta,
        double[] mean,
        double[] variance,
        double epsilon) {

    /// @throws ShapeMismatch when the vectors have different lengths
    public BatchNorm {
        requireLength("gamma", gamma, mean.length);
        requireLength("beta", beta, mean.length);
        requireLength("running_var", variance, mean.length);
    }

    private static void requireLength(String field, double @Nullable [] vector, int channels) {
        if (vector != null && vector.length != channels) {
            throw new ShapeMismatch(
                    field,
                    "%s has %d numbers, but running_mean has %d"
                            .formatted(field, vector.length, channels));
        }
    }

    int channels() {
        return mean.length;
    }

    double gammaAt(int channel) {
        return gamma == null ? 1 : gamma[channel];
    }

    double betaAt(int channel) {
        return beta == null ? 0 : beta[channel];
    }
}
