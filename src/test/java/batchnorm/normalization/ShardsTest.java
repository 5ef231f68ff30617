package batchnorm.normalization;

import static org.assertj.core.api.Assertions.assertThat;

import batchnorm.fixtures.RandomSeed;
import batchnorm.kernel.Kernel;
import batchnorm.tensor.Shape;
import batchnorm.tensor.Tensor;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Objects;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/// A batch in shards, forward and backward, against the same batch in one tensor: the definition of
/// synchronized batch normalization.
///
/// FP64 sums of a few hundred terms of order 1, added in another order, differ by a few times
/// `2⁻⁵³` per term: 1e-13 relative to the largest value.
class ShardsTest {
    private static final double TOLERANCE = 1e-13;
    private static final int CHANNELS = 3;
    private static final int[] ROWS = {100, 1, 0, 56};
    private static final Parameters PARAMETERS =
            new Parameters(new double[] {0.5, -2, 1}, new double[] {1, 2, 3});

    private final BatchNormalization operator = new BatchNormalization(Kernel.fastest());
    private final Config config = Convention.PYTORCH.config();
    private final Random random = RandomSeed.random(1);
    private final double[] input = random.doubles(157 * CHANNELS, 99, 101).toArray();
    private final double[] gradOutput = random.doubles(157 * CHANNELS, -1, 1).toArray();

    @Test
    void normalizeAndDifferentiateAsOneBatch() {
        BatchPass whole = pass(input, statistics(List.of(tensor(input))));
        List<Tensor> shards = shards(input);
        List<BatchPass> passes =
                shards.stream().map(shard -> pass(shard, statistics(shards))).toList();
        check(operator.output(whole), passes.stream().map(operator::output).toList());

        Gradients expected = operator.backward(whole, tensor(gradOutput));
        List<Tensor> incoming = shards(gradOutput);
        List<GradientSums> sums = new ArrayList<>();
        for (int r = 0; r < ROWS.length; r++) {
            sums.add(operator.gradientSums(passes.get(r), incoming.get(r)));
        }
        GradientSums total = GradientSums.total(sums);
        List<Gradients> got = new ArrayList<>();
        for (int r = 0; r < ROWS.length; r++) {
            got.add(operator.backward(passes.get(r), incoming.get(r), total));
        }
        check(expected.input(), got.stream().map(Gradients::input).toList());
        BatchStatistics batch = statistics(shards);
        check(
                Objects.requireNonNull(expected.gamma()),
                operator.gammaGradient(batch, config, total));
        for (Gradients each : got) {
            check(Objects.requireNonNull(expected.gamma()), Objects.requireNonNull(each.gamma()));
            check(Objects.requireNonNull(expected.beta()), Objects.requireNonNull(each.beta()));
        }
    }

    /// Tests each of its sums.
    @ParameterizedTest
    @CsvSource({"Infinity, 0", "0, Infinity"})
    void passOnANonFiniteGradientOfAnother(double sum, double product) {
        List<Tensor> shards = shards(input);
        BatchPass pass = pass(shards.getFirst(), statistics(shards));
        Tensor incoming = shards(gradOutput).getFirst();
        GradientSums mine = operator.gradientSums(pass, incoming);
        GradientSums others =
                new GradientSums(1, new double[] {sum, 0, 0}, new double[] {product, 0, 0});
        Gradients got =
                operator.backward(pass, incoming, GradientSums.total(List.of(mine, others)));
        assertThat(got.input().at(0)).isNaN();
        assertThat(got.input().at(1)).isFinite();
        assertThat(Objects.requireNonNull(got.gamma())[0]).isNaN();
        assertThat(Objects.requireNonNull(got.beta())[1]).isFinite();
    }

    private BatchStatistics statistics(List<Tensor> shards) {
        List<Moments> moments = shards.stream().map(x -> operator.moments(x, config)).toList();
        return operator.statistics(Moments.merge(moments), config);
    }

    private BatchPass pass(double[] values, BatchStatistics batch) {
        return pass(tensor(values), batch);
    }

    private BatchPass pass(Tensor x, BatchStatistics batch) {
        return operator.train(x, batch, PARAMETERS, config);
    }

    private static List<Tensor> shards(double[] values) {
        List<Tensor> shards = new ArrayList<>();
        int from = 0;
        for (int rows : ROWS) {
            int to = from + rows * CHANNELS;
            shards.add(tensor(Arrays.copyOfRange(values, from, to)));
            from = to;
        }
        return shards;
    }

    private static Tensor tensor(double[] values) {
        return Tensor.of(Shape.of(values.length / CHANNELS, CHANNELS), values);
    }

    private static void check(Tensor whole, List<Tensor> shards) {
        check(
                whole.toDoubles(),
                shards.stream().map(Tensor::toDoubles).flatMapToDouble(Arrays::stream).toArray());
    }

    private static void check(double[] expected, double[] got) {
        double largest = Arrays.stream(expected).map(Math::abs).max().orElseThrow();
        assertThat(got).hasSameSizeAs(expected);
        for (int i = 0; i < got.length; i++) {
            assertThat(Math.abs(got[i] - expected[i])).isLessThanOrEqualTo(TOLERANCE * largest);
        }
    }
}
