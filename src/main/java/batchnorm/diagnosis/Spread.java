package batchnorm.diagnosis;

import org.jspecify.annotations.Nullable;

/// The center that is subtracted and the variance that the input is divided by, from a group's
/// mean, biased variance and count.
enum Spread {
    BIASED(null, "mean", "var"),
    UNBIASED(Mistake.UNBIASED_VARIANCE, "mean", "m/(m-1)·var"),
    SUM_CENTERED(Mistake.SUM_FOR_MEAN, "Σx", "var"),
    SUM_AS_MEAN(Mistake.SUM_FOR_MEAN, "Σx", "Σ(x - Σx)²/m"),
    SUM_OF_SQUARES(Mistake.SUM_FOR_MEAN, "mean", "Σ(x - mean)²"),
    SUM_AS_BOTH(Mistake.SUM_FOR_MEAN, "Σx", "Σ(x - Σx)²"),
    SUM_TWICE(Mistake.SUM_FOR_MEAN, "Σx", "Σ(x - mean)²");

    private final @Nullable Mistake mistake;
    private final String center;
    private final String variance;

    Spread(@Nullable Mistake mistake, String center, String variance) {
        this.mistake = mistake;
        this.center = center;
        this.variance = variance;
    }

    @Nullable Mistake mistake() {
        return mistake;
    }

    String center() {
        return center;
    }

    String variance() {
        return variance;
    }

    double center(double mean, int count) {
        return switch (this) {
            case BIASED, UNBIASED, SUM_OF_SQUARES -> mean;
            case SUM_CENTERED, SUM_AS_MEAN, SUM_AS_BOTH, SUM_TWICE -> mean * count;
        };
    }

    double variance(double mean, double variance, int count) {
        double shift = mean * count - mean;
        return switch (this) {
            case BIASED, SUM_CENTERED -> variance;
            case UNBIASED -> variance * count / (count - 1);
            case SUM_AS_MEAN -> variance + shift * shift;
            case SUM_OF_SQUARES, SUM_TWICE -> variance * count;
            case SUM_AS_BOTH -> (variance + shift * shift) * count;
        };
    }
}
