package batchnorm.normalization;

import java.util.Arrays;
import java.util.List;

/// The sums over all values for the backward of a training pass, per channel: the count, `S = Σdy`
/// and `P = Σdy·(x-mean)`, with the mean of the whole batch. The sums of shards are additive.
///
/// Arrays are shared, never written.
///
/// @param count the number of values per channel, `m`
/// @param sum `S`
/// @param product `P`
public record GradientSums(long count, double[] sum, double[] product) {

    /// Adds the sums of all shards in double-double: in any order, within 1 ulp and `2⁻⁹⁰` of the
    /// largest.
    ///
    /// @param shards one or more, with the same channels
    public static GradientSums total(List<GradientSums> shards) {
        int channels = shards.getFirst().sum.length;
        double[] sum = new double[channels];
        double[] product = new double[channels];
        for (int c = 0; c < channels; c++) {
            DoubleDouble totalSum = DoubleDouble.ZERO;
            DoubleDouble totalProduct = DoubleDouble.ZERO;
            for (GradientSums shard : shards) {
                totalSum = totalSum.plus(shard.sum[c]);
                totalProduct = totalProduct.plus(shard.product[c]);
            }
            sum[c] = totalSum.rounded();
            product[c] = totalProduct.rounded();
        }
        return new GradientSums(shards.stream().mapToLong(GradientSums::count).sum(), sum, product);
    }

    boolean isFinite() {
        return Arrays.stream(sum).allMatch(Double::isFinite)
                && Arrays.stream(product).allMatch(Double::isFinite);
    }
}
