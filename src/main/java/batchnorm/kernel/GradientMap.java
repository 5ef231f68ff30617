package batchnorm.kernel;

/// `dx = scale·(dy - offset - (x-center)·slope)` per channel. Offset and slope are the gradient
/// through the statistics of the batch: `offset = Σdy/m` and `slope = inverse²·Σdy·(x-center)/m`.
public record GradientMap(double[] center, double[] scale, double[] offset, double[] slope) {
    /// Creates a map with offset and slope 0.
    GradientMap(double[] center, double[] scale) {
        this(center, scale, new double[scale.length], new double[scale.length]);
    }

    /// @param count the number of values of a channel
    public static GradientMap of(
            double[] center, double[] scale, double[] inverse, double count, ChannelSums sums) {
        GradientMap map = new GradientMap(center, scale);
        map.put(0, scale.length, inverse, count, sums);
        return map;
    }

    /// Sets offset and slope of the channels `[first, end)`.
    void put(int first, int end, double[] inverse, double count, ChannelSums sums) {
        for (int channel = first; channel < end; channel++) {
            double s = inverse[channel];
            offset[channel] = sums.sum()[channel] / count;
            // This order keeps a tiny deviation from overflowing before it is multiplied by its
            // product.
            slope[channel] = s * (s * sums.product()[channel]) / count;
        }
    }
}
