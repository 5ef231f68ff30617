package batchnorm.golden;

import batchnorm.normalization.Config;
import batchnorm.normalization.Knob.MomentumMeaning;
import batchnorm.normalization.Knob.RunningVariance;
import batchnorm.tensor.ChannelLayout;
import java.math.BigDecimal;
import java.math.MathContext;
import java.util.Arrays;
import java.util.Objects;

/// Batch normalization by its definition, in decimal arithmetic of 100 digits, which hold a
/// binary64 number exactly. The knobs are the binary64 numbers of the configuration.
///
/// It shares no arithmetic with `normalization`, so that each can be checked against the other.
final class DecimalOperator {
    private static final MathContext DIGITS = new MathContext(100);
    private static final BigDecimal ONE = BigDecimal.ONE;
    private final Config config;

    DecimalOperator(Config config) {
        this.config = config;
    }

    /// @param count the values per channel, `m`
    /// @param variance biased: `Σ(x-mean)²/m`
    record Statistics(int count, BigDecimal[] mean, BigDecimal[] variance) {}

    /// @param scale the largest sum of the magnitudes of the terms that make an element of `input`
    record Gradients(BigDecimal[] input, BigDecimal[] gamma, BigDecimal[] beta, BigDecimal scale) {}

    static BigDecimal[] exact(double[] values) {
        return Arrays.stream(values).mapToObj(BigDecimal::new).toArray(BigDecimal[]::new);
    }

    static double[] rounded(BigDecimal[] values) {
        return Arrays.stream(values).mapToDouble(BigDecimal::doubleValue).toArray();
    }

    Statistics statistics(BigDecimal[] x, ChannelLayout layout) {
        BigDecimal[] mean = sums(x, layout);
        BigDecimal count = BigDecimal.valueOf(layout.count());
        divide(mean, count);
        BigDecimal[] squares = new BigDecimal[x.length];
        for (int i = 0; i < x.length; i++) {
            squares[i] = x[i].subtract(mean[layout.channelOf(i)], DIGITS).pow(2, DIGITS);
        }
        BigDecimal[] variance = sums(squares, layout);
        divide(variance, count);
        return new Statistics(layout.count(), mean, variance);
    }

    /// Returns `(x-mean)/√(variance+ε)`.
    BigDecimal[] normalized(BigDecimal[] x, ChannelLayout layout, Statistics statistics) {
        BigDecimal[] inverse = inverses(statistics);
        BigDecimal[] normalized = new BigDecimal[x.length];
        for (int i = 0; i < x.length; i++) {
            int c = layout.channelOf(i);
            normalized[i] = x[i].subtract(statistics.mean()[c]).multiply(inverse[c], DIGITS);
        }
        return normalized;
    }

    private BigDecimal[] inverses(Statistics statistics) {
        BigDecimal epsilon = new BigDecimal(config.epsilon());
        return Arrays.stream(statistics.variance())
                .map(variance -> ONE.divide(variance.add(epsilon).sqrt(DIGITS), DIGITS))
                .toArray(BigDecimal[]::new);
    }

    static BigDecimal[] output(
            BigDecimal[] normalized, ChannelLayout layout, BigDecimal[] gamma, BigDecimal[] beta) {
        BigDecimal[] output = new BigDecimal[normalized.length];
        for (int i = 0; i < output.length; i++) {
            int c = layout.channelOf(i);
            output[i] = gamma[c].multiply(normalized[i]).add(beta[c], DIGITS);
        }
        return output;
    }

    /// Returns the gradients of `Σ output·dy`.
    ///
    /// @param constant whether the statistics are constants, as in inference
    Gradients gradients(
            BigDecimal[] x,
            BigDecimal[] dy,
            ChannelLayout layout,
            Statistics statistics,
            BigDecimal[] gamma,
            boolean constant) {
        BigDecimal[] normalized = normalized(x, layout, statistics);
        BigDecimal[] products = new BigDecimal[x.length];
        for (int i = 0; i < x.length; i++) {
            products[i] = dy[i].multiply(normalized[i], DIGITS);
        }
        BigDecimal[] dBeta = sums(dy, layout);
        BigDecimal[] dGamma = sums(products, layout);
        BigDecimal[] inverse = inverses(statistics);
        BigDecimal count = BigDecimal.valueOf(layout.count());
        BigDecimal[] input = new BigDecimal[x.length];
        BigDecimal scale = BigDecimal.ZERO;
        for (int i = 0; i < x.length; i++) {
            int c = layout.channelOf(i);
            BigDecimal factor = gamma[c].multiply(inverse[c], DIGITS);
            BigDecimal ofMean = constant ? BigDecimal.ZERO : dBeta[c].divide(count, DIGITS);
            BigDecimal ofVariance =
                    constant
                            ? BigDecimal.ZERO
                            : normalized[i].multiply(dGamma[c]).divide(count, DIGITS);
            input[i] = dy[i].subtract(ofMean).subtract(ofVariance).multiply(factor, DIGITS);
            BigDecimal terms = dy[i].abs().add(ofMean.abs()).add(ofVariance.abs());
            scale = scale.max(terms.multiply(factor.abs(), DIGITS));
        }
        return new Gradients(input, dGamma, dBeta, scale);
    }

    /// Returns the running statistics after one more batch.
    ///
    /// @param running before it; `count` is the number of batches so far
    Statistics updated(Statistics running, Statistics batch) {
        int t = running.count() + 1;
        BigDecimal weight = weight(t);
        BigDecimal bessel = ONE;
        if (config.runningVariance() == RunningVariance.UNBIASED && batch.count() > 1) {
            bessel =
                    BigDecimal.valueOf(batch.count())
                            .divide(BigDecimal.valueOf(batch.count() - 1), DIGITS);
        }
        return new Statistics(
                t,
                averaged(running.mean(), batch.mean(), ONE, weight),
                averaged(running.variance(), batch.variance(), bessel, weight));
    }

    private static BigDecimal[] averaged(
            BigDecimal[] running, BigDecimal[] batch, BigDecimal factor, BigDecimal weight) {
        BigDecimal[] averaged = new BigDecimal[running.length];
        for (int c = 0; c < averaged.length; c++) {
            BigDecimal added = batch[c].multiply(factor).multiply(weight);
            averaged[c] = running[c].multiply(ONE.subtract(weight)).add(added, DIGITS);
        }
        return averaged;
    }

    /// Returns the weight of batch `t` in the running statistics.
    private BigDecimal weight(int t) {
        Double momentum = config.momentum().value();
        if (momentum == null) {
            return ONE.divide(BigDecimal.valueOf(t), DIGITS);
        }
        BigDecimal exact = new BigDecimal(Objects.requireNonNull(momentum));
        boolean isNew = config.momentum().meaning() == MomentumMeaning.NEW_WEIGHT;
        BigDecimal added = isNew ? exact : ONE.subtract(exact);
        if (!config.momentum().zeroDebias()) {
            return added;
        }
        return added.divide(ONE.subtract(ONE.subtract(added).pow(t, DIGITS)), DIGITS);
    }

    private static BigDecimal[] sums(BigDecimal[] values, ChannelLayout layout) {
        BigDecimal[] sums = new BigDecimal[layout.channels()];
        Arrays.fill(sums, BigDecimal.ZERO);
        for (int i = 0; i < values.length; i++) {
            int c = layout.channelOf(i);
            sums[c] = sums[c].add(values[i], DIGITS);
        }
        return sums;
    }

    private static void divide(BigDecimal[] values, BigDecimal divisor) {
        for (int c = 0; c < values.length; c++) {
            values[c] = values[c].divide(divisor, DIGITS);
        }
    }
}
