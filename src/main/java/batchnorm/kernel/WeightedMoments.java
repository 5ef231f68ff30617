package batchnorm.kernel;

/// Mean and M2 of each channel while weighted blocks are merged, in ascending order.
///
/// A mean is stored as an offset from the channel's first shift. Means are thus compared at the
/// scale of the values' spread, whatever their magnitude.
final class WeightedMoments {
    private final double[] origins;
    private final double[] means;
    private final double[] m2s;
    private double total;
    private double added;

    WeightedMoments(int channels) {
        this.origins = new double[channels];
        this.means = new double[channels];
        this.m2s = new double[channels];
    }

    /// Begins the next block, with its sum of weights.
    void begin(double weight) {
        added = weight;
        total += weight;
    }

    /// Merges one channel of the block, given its sums about a shift: `sum = Σw·d` and `square =
    /// Σw·d²` of `d = x - shift`.
    void put(int channel, double shift, double sum, double square) {
        double mean = sum / added;
        // Math.max keeps a NaN; rounding alone can make the difference negative.
        double m2 = Math.max(0, Math.fma(-sum, mean, square));
        if (total == added) {
            origins[channel] = shift;
            means[channel] = mean;
            m2s[channel] = m2;
            return;
        }
        double difference = shift - origins[channel] + mean - means[channel];
        double share = added / total;
        means[channel] = Math.fma(difference, share, means[channel]);
        m2s[channel] += Math.fma(difference * difference, (total - added) * share, m2);
    }

    ChannelMoments finish() {
        double[] mean = new double[means.length];
        for (int channel = 0; channel < mean.length; channel++) {
            mean[channel] = origins[channel] + means[channel];
        }
        return new ChannelMoments(mean, new double[mean.length], m2s);
    }
}
