package batchnorm.normalization;

import batchnorm.tensor.DecimalText;
import java.util.List;

/// Mergeable statistics of a set of values, per channel: their count, their mean, and `M2 =
/// Σ(x-mean)²`.
///
/// Arrays are shared, never written.
public final class Moments {
    /// The largest count that is exact as a double.
    public static final long MAX_COUNT = 1L << 53;

    private final long count;
    private final double[] mean;
    private final double[] rest;
    private final double[] m2;

    /// Creates moments computed by this service.
    ///
    /// @param rest the rounding error of the mean
    Moments(long count, double[] mean, double[] rest, double[] m2) {
        this.count = count;
        this.mean = mean;
        this.rest = rest;
        this.m2 = m2;
    }

    /// Creates moments computed elsewhere. The moments of an empty set are zeros.
    ///
    /// @throws InvalidMoments when they are inconsistent
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

    /// Creates moments from a biased variance, `M2/count`.
    ///
    /// @throws InvalidMoments when they are inconsistent
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

    /// Merges the moments of all parts, in double-double with one final rounding. In any order,
    /// each `M2` is within 1 ulp of that of the given numbers, and each mean within 1 ulp and
    /// `2⁻⁹⁰` of the largest mean.
    ///
    /// @param parts one or more, with the same channels
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

    /// Returns the rounding error of the mean, so that merged shards lose no digits.
    double[] rest() {
        return rest;
    }

    /// Returns `Σ(x-mean)²`.
    public double[] m2() {
        return m2;
    }

    public int channels() {
        return mean.length;
    }

    public boolean isEmpty() {
        return count == 0;
    }

    /// Returns the biased variance, `M2/count`; 0 for an empty set.
    public double[] variance() {
        double[] variance = new double[m2.length];
        for (int c = 0; c < variance.length; c++) {
            variance[c] = m2[c] / Math.max(count, 1);
        }
        return variance;
    }

    /// Returns the first channel with a non-finite moment, or -1.
    int firstNonFinite() {
        for (int c = 0; c < mean.length; c++) {
            if (!Double.isFinite(mean[c]) || !Double.isFinite(m2[c])) {
                return c;
            }
        }
        return -1;
    }
}
