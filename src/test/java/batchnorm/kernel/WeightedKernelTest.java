package batchnorm.kernel;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import batchnorm.fixtures.RandomSeed;
import java.math.BigDecimal;
import java.math.MathContext;
import java.util.Arrays;
import java.util.Random;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/// The contract of the weighted loops, against decimal arithmetic. Every batch has several blocks.
class WeightedKernelTest {
    private static final MathContext EXACT = new MathContext(60);

    private final WeightedKernel kernel = new WeightedKernel();

    @ParameterizedTest(name = "[{0}, {1}, {2}] around {3}")
    @CsvSource({
        "5000, 3, 1, 0", "5000, 3, 1, 1e6", "900, 2, 7, -1e6", "130, 4, 49, 5",
        "130, 4, 49, 1e6", "2, 3, 5000, 0", "2, 3, 5000, -1e6", "1, 1, 2049, 1e6",
    })
    void momentsAgreeWithDecimalArithmetic(int outer, int channels, int inner, double around) {
        Batch batch = Batch.random(outer, channels, inner, around, 17);
        double[] weights = weights(outer * inner);
        hidePadding(batch, weights);

        ChannelMoments wide = wide(batch, weights);
        ChannelMoments narrow = narrow(batch, weights);

        for (int channel = 0; channel < channels; channel++) {
            assertDecimal(wide, batch, weights, channel);
            assertDecimal(narrow, batch, weights, channel);
        }
    }

    @ParameterizedTest(name = "[{0}, {1}, {2}] around {3}")
    @CsvSource({"5000, 3, 1, 1e6", "900, 2, 7, -1e6", "130, 4, 49, 5", "2, 3, 5000, 1e6"})
    void weightsOfOneChangeNothing(int outer, int channels, int inner, double around) {
        Batch batch = Batch.random(outer, channels, inner, around, 23);
        double[] ones = new double[outer * inner];
        Arrays.fill(ones, 1);
        ChannelMoments plain = new ScalarKernel().moments(batch.wide(batch.x()));
        ChannelMoments weighted = wide(batch, ones);

        assertThat(weighted.mean()).isEqualTo(plain.mean());
        assertThat(weighted.m2()).isEqualTo(plain.m2());
    }

    /// Returns weights from 0 to 2; a third of them, and more than the first block, are 0.
    private static double[] weights(int positions) {
        Random random = RandomSeed.random(29);
        double[] weights = new double[positions];
        Arrays.setAll(weights, i -> random.nextInt(3) == 0 ? 0 : random.nextDouble(2));
        if (positions > 2 * Blocks.BLOCK) {
            Arrays.fill(weights, 0, Blocks.BLOCK + 5, 0);
        }
        return weights;
    }

    private static void hidePadding(Batch batch, double[] weights) {
        for (int i = 0; i < batch.x().length; i++) {
            if (weights[positionOf(batch, i)] == 0) {
                batch.x()[i] = Double.NaN;
            }
        }
    }

    private static int positionOf(Batch batch, int index) {
        int plane = index / (batch.channels() * batch.inner());
        return plane * batch.inner() + index % batch.inner();
    }

    /// An accumulator of a block adds up to 128 distances from a shift that is at most 4 standard
    /// deviations off, and as many squares of them. If every rounding goes the same way, that costs
    /// 128·(1+4)·2⁻⁵³ = 7.1e-14 of a standard deviation in the mean, and 128·(1+4²)·2⁻⁵³ = 2.4e-13
    /// of M2. Random roundings cost less than a tenth and less than a half of it.
    private static void assertDecimal(
            ChannelMoments moments, Batch batch, double[] weights, int channel) {
        BigDecimal total = BigDecimal.ZERO;
        BigDecimal sum = BigDecimal.ZERO;
        BigDecimal squares = BigDecimal.ZERO;
        for (int i = 0; i < batch.x().length; i++) {
            double weight = weights[positionOf(batch, i)];
            if (batch.channelOf(i) == channel && weight != 0) {
                BigDecimal x = new BigDecimal(batch.x()[i]);
                BigDecimal share = new BigDecimal(weight);
                total = total.add(share);
                sum = sum.add(share.multiply(x));
                squares = squares.add(share.multiply(x.pow(2)));
            }
        }
        BigDecimal exact = sum.divide(total, EXACT);
        double mean = exact.doubleValue();
        double m2 = squares.subtract(exact.multiply(sum)).doubleValue();
        assertThat(moments.mean()[channel])
                .as("mean of channel %d of %s", channel, batch)
                .isCloseTo(mean, within(7e-15 + 1e-15 * Math.abs(mean)));
        assertThat(moments.m2()[channel])
                .as("m2 of channel %d of %s", channel, batch)
                .isCloseTo(m2, within(1e-13 * m2));
    }

    private ChannelMoments wide(Batch b, double[] weights) {
        return kernel.moments(b.wide(b.x()), weights);
    }

    private ChannelMoments narrow(Batch b, double[] weights) {
        return kernel.moments(b.narrow(b.x()), weights);
    }
}
