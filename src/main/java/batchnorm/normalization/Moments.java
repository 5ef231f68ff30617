package batchnorm.normalization;

import batchnorm.tensor.DecimalText;
import java.util.List;

/// What is known of a set of values, per channel, and can be merged: how many they are, their mean,
/// and `M2 = Σ(x-mean)²`.
///
/// Arrays are shared, never written.
public final class Moments {
    /// Above it a count is no longer exact as a double.
    public static final long MAX_COUNT = 1L << 53;

    private final long count;
    private final double[] mean;
    private final double[] rest;
    private final double[] m2;

    /// Of numbers that this service computed itself.
    ///
    /// @param rest what rounding left of the mean
    Moments(long count, double[] mean, double[] rest, double[] m2) {
        this.count = count;
        this.mean = mean;
        this.rest = rest;
        this.m2 = m2;
    }

    /// Of numbers that somebody else computed. Those of no values at all are zeros.
    ///
    /// @throws InvalidMoments for what no values have
    public static Moments of(long count, double[] mean, double[] m2) {
        if (count < 0 || count > MAX_COUNT) {
            throw new InvalidMoments(
                    "count", "count is " + count + "; it must be from 0 to " + MAX_COUNT);
        }
        if (mean.length == 0 || mean.length != m2.length) {
            throw new InvalidMoments(
                    "m2",
                    "m2 has "
                            + m2.length
                            + " values and mean "
                            + mean.length
                            + "; both need one for every channel");
        }
        for (int c = 0; c < mean.length; c++) {
            requireFinite("mean", mean, c);
            requireFinite("m2", m2, c);
            if (m2[c] < 0) {
                throw new InvalidMoments(
                        "m2",
                        "m2["
                                + c
                                + "] is "
                                + DecimalText.of(m2[c])
                                + "; a sum of squared deviations is 0 or more");
            }
            if (count < 2 && (m2[c] != 0 || (count == 0 && mean[c] != 0))) {
                throw new InvalidMoments(
                        count == 0 && mean[c] != 0 ? "mean" : "m2",
                        "count is "
                                + count
                                + ", so m2["
                                + c
                                + "] must be 0"
                                + (count == 0 ? " and mean[" + c + "] too" : ""));
            }
        }
        return new Moments(count, mean, new double[mean.length], m2);
    }

    /// The same, from a biased variance `M2/count`.
    ///
    /// @throws InvalidMoments for what no values have
    public static Moments ofVariance(long count, double[] mean, double[] variance) {
        double[] m2 = new double[variance.length];
        for (int c = 0; c < m2.length; c++) {
            m2[c] = variance[c] * count;
        }
        return of(count, mean, m2);
    }

    private static void requireFinite(String field, double[] values, int c) {
        if (!Double.isFinite(values[c])) {
            throw new InvalidMoments(
                    field,
                    field + "[" + c + "] is " + DecimalText.of(values[c]) + "; it must be finite");
        }
    }

    /// Of all the values together. In double-double until the end, so however the parts are
    /// ordered, each `M2` is within 1 ulp of that of the given numbers, and each mean within 1 ulp
    /// and `2⁻⁹⁰` of the largest mean.
    ///
    /// @param parts one or more, of the same channels
    /// @throws NonFiniteResult when a moment of finite parts overflows binary64
    public static Moments merge(List<Moments> parts) {
        return MergedMoments.of(parts).rounded();
    }

    public long count() {
        return count;
    }

    public double[] mean() {
        return mean;
    }

    /// What rounding left of the mean, so that shards merge as if they had never been apart.
    double[] rest() {
        return rest;
    }

    /// `Σ(x-mean)²`
    public double[] m2() {
        return m2;
    }

    public int channels() {
        return mean.length;
    }

    public boolean isEmpty() {
        return count == 0;
    }

    /// Biased, `M2/count`; 0 of no values.
    public double[] variance() {
        double[] variance = new double[m2.length];
        for (int c = 0; c < variance.length; c++) {
            variance[c] = m2[c] / Math.max(count, 1);
        }
        return variance;
    }

    /// The first channel with a moment that is not finite, or -1.
    int firstNonFinite() {
        for (int c = 0; c < mean.length; c++) {
            if (!Double.isFinite(mean[c]) || !Double.isFinite(m2[c])) {
                return c;
            }
        }
        return -1;
    }
}
