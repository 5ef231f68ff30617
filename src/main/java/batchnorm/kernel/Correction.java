package batchnorm.kernel;

/// What the gradient loses because the statistics follow the batch: per channel `offset = Σdy/m`
/// and `slope = inverse²·Σdy·(x-center)/m`.
public final class Correction {
    private final double[] inverse;
    private final double count;
    private final double[] offset;
    private final double[] slope;

    /// @param count of the values of a channel
    public Correction(double[] inverse, double count) {
        this.inverse = inverse;
        this.count = count;
        this.offset = new double[inverse.length];
        this.slope = new double[inverse.length];
    }

    /// Takes the sums of the channels `[first, end)`.
    public void put(int first, int end, double[] sum, double[] product) {
        for (int channel = first; channel < end; channel++) {
            double s = inverse[channel];
            offset[channel] = sum[channel] / count;
            // In this order, so that a tiny deviation does not overflow before it meets its
            // product.
            slope[channel] = s * (s * product[channel]) / count;
        }
    }

    public double[] offset() {
        return offset;
    }

    public double[] slope() {
        return slope;
    }
}
