package batchnorm.normalization;

import java.util.Arrays;
import java.util.List;

/// Unrounded [Moments] that accept further merges. `batchnorm.kernel.BlockMoments` has the
/// corresponding merge for the blocks of one tensor, in the order that kernels guarantee.
///
/// Chan, Golub, LeVeque (1979): with `n = n1+n2` and `d = mean2-mean1`, `mean = mean1 + d·n2/n` and
/// `M2 = M2₁ + M2₂ + d²·n1·n2/n`. Only `d` is subject to cancellation, and its operands are exact
/// to about `2⁻¹⁰⁴`. The order of merging thus has far less effect than the final rounding.
///
/// Immutable: a merge returns a new instance.
public final class MergedMoments {
    /// Bytes of one channel: references, and two objects of two doubles.
    public static final int BYTES_PER_CHANNEL = 80;

    private final long count;
    private final DoubleDouble[] mean;
    private final DoubleDouble[] m2;

    /// Whether all merged moments are finite.
    private final boolean ofFinite;

    private MergedMoments(long count, DoubleDouble[] mean, DoubleDouble[] m2, boolean ofFinite) {
        this.count = count;
        this.mean = mean;
        this.m2 = m2;
        this.ofFinite = ofFinite;
    }

    /// Returns the unrounded moments of one set of values.
    public static MergedMoments of(Moments moments) {
        return new MergedMoments(
                moments.count(),
                exactly(moments.mean(), moments.rest()),
                exactly(moments.m2(), new double[moments.channels()]),
                moments.firstNonFinite() < 0);
    }

    private static DoubleDouble[] exactly(double[] high, double[] low) {
        DoubleDouble[] values = new DoubleDouble[high.length];
        Arrays.setAll(values, c -> new DoubleDouble(high[c], low[c]));
        return values;
    }

    /// Merges all parts pairwise, by halves.
    static MergedMoments of(List<Moments> parts) {
        int half = parts.size() / 2;
        return half == 0
                ? of(parts.getFirst())
                : of(parts.subList(0, half)).plus(of(parts.subList(half, parts.size())));
    }

    /// @throws ShapeMismatch when the channels differ
    /// @throws InvalidMoments when the total count is too large
    public MergedMoments plus(MergedMoments other) {
        if (mean.length != other.mean.length) {
            throw new ShapeMismatch(
                    "mean",
                    "the moments of "
                            + other.mean.length
                            + " channels cannot be merged with those of "
                            + mean.length);
        }
        if (other.count == 0 || count == 0) {
            return count == 0 ? other : this;
        }
        long total = count + other.count;
        if (total > Moments.MAX_COUNT) {
            throw new InvalidMoments(
                    "count", "the counts add up to more than " + Moments.MAX_COUNT);
        }
        double n1 = count; // exact: at most 2⁵³
        double n2 = other.count;
        double n = total;
        DoubleDouble[] nextMean = new DoubleDouble[mean.length];
        DoubleDouble[] nextM2 = new DoubleDouble[mean.length];
        for (int c = 0; c < mean.length; c++) {
            DoubleDouble d = other.mean[c].minus(mean[c]);
            nextMean[c] = mean[c].plus(d.times(n2).dividedBy(n));
            DoubleDouble between = d.times(d).times(n1).dividedBy(n).times(n2);
            nextM2[c] = m2[c].plus(other.m2[c]).plus(between);
        }
        return new MergedMoments(total, nextMean, nextM2, ofFinite && other.ofFinite);
    }

    public long count() {
        return count;
    }

    public int channels() {
        return mean.length;
    }

    /// @throws NonFiniteResult when a moment of finite ones overflows binary64
    public Moments rounded() {
        Moments rounded = new Moments(count, rounded(mean), lows(mean), rounded(m2));
        int channel = rounded.firstNonFinite();
        if (channel >= 0 && ofFinite) {
            throw new NonFiniteResult(
                    "the merged moments of channel "
                            + channel
                            + " overflow binary64; scale the values down");
        }
        return rounded;
    }

    private static double[] lows(DoubleDouble[] values) {
        return Arrays.stream(values).mapToDouble(DoubleDouble::low).toArray();
    }

    private static double[] rounded(DoubleDouble[] values) {
        return Arrays.stream(values).mapToDouble(DoubleDouble::rounded).toArray();
    }
}
