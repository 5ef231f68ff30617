package batchnorm.normalization;

import java.util.Arrays;
import java.util.List;

/// What the backward of a training pass needs of all its values, per channel: how many they are, `S
/// = Σdy` and `P = Σdy·(x-mean)`, with the mean of the whole batch. Those of shards add up.
///
/// Arrays are shared, never written.
///
/// @param count values per channel, `m`
/// @param sum `S`
/// @param product `P`
public record GradientSums(long count, double[] sum, double[] product) {

    /// Of all shards, added in double-double: whatever their order, within 1 ulp and `2⁻⁹⁰` of the
    /// largest.
    ///
    /// @param shards one or more, of the same channels
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
