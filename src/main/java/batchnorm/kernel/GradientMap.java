package batchnorm.kernel;

/// `dx = scale·(dy - offset - (x-center)·slope)` per channel. Offset and slope are what the
/// gradient loses because the statistics follow the batch: `offset = Σdy/m` and `slope =
/// inverse²·Σdy·(x-center)/m`.
public record GradientMap(double[] center, double[] scale, double[] offset, double[] slope) {
    /// A map that nothing was lost in yet.
    GradientMap(double[] center, double[] scale) {
        this(center, scale, new double[scale.length], new double[scale.length]);
    }

    /// @param count of the values of a channel
    public static GradientMap of(
            double[] center, double[] scale, double[] inverse, double count, ChannelSums sums) {
        GradientMap map = new GradientMap(center, scale);
        map.put(0, scale.length, inverse, count, sums);
        return map;
    }

    /// Takes the sums of the channels `[first, end)`.
    void put(int first, int end, double[] inverse, double count, ChannelSums sums) {
        for (int channel = first; channel < end; channel++) {
            double s = inverse[channel];
            offset[channel] = sums.sum()[channel] / count;
            // In this order, so that a tiny deviation does not overflow before it meets its
            // product.
            slope[channel] = s * (s * sums.product()[channel]) / count;
        }
    }
}
