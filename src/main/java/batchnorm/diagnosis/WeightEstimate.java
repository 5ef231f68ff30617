package batchnorm.diagnosis;

import org.jspecify.annotations.Nullable;

/// The weight of a batch in a running update, estimated from the statistic that shows it most
/// precisely: `α = (after - before) / (batch - before)`.
final class WeightEstimate {
    private final Precision precision;
    private final double roundings;
    private double alpha;
    private double uncertainty = Double.POSITIVE_INFINITY;

    WeightEstimate(Precision precision, int count) {
        this.precision = precision;
        roundings = Fit.limit(count);
    }

    /// @param spread the size of the terms beside the batch's own statistic
    void add(double before, double batch, double after, double spread) {
        double distance = Math.abs(batch - before);
        double size = Math.abs(before) + Math.abs(batch) + spread;
        double error = (precision.slack(after) + roundings * precision.unit() * size) / distance;
        if (error < uncertainty) {
            uncertainty = error;
            alpha = (after - before) / (batch - before);
        }
    }

    /// Returns the weight, as `1/t` of a cumulative average or with as few digits as possible.
    ///
    /// @return null if it is not above 0 and at most 1
    @Nullable Double alpha() {
        if (!(alpha > uncertainty && alpha <= 1 + uncertainty)) {
            return null;
        }
        Double brief = Brief.of(alpha, uncertainty);
        double batches = Math.rint(1 / alpha);
        boolean average = Math.abs(1 / batches - alpha) <= uncertainty;
        return average && String.valueOf(brief).length() > 5 ? (Double) (1 / batches) : brief;
    }
}
