package batchnorm.normalization;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class RunningStatisticsTest {

    /// Three values of `M2` 6 and 24: divided by 3 or by 2.
    @ParameterizedTest
    @CsvSource({"PYTORCH, 3, 12", "KERAS, 2, 8"})
    void standForAPopulationInTheVarianceThatTheLayerAverages(
            Convention convention, double first, double second) {
        Config config = convention.config();
        Moments population = Moments.of(3, new double[] {5, -1}, new double[] {6, 24});

        RunningStatistics running = RunningStatistics.of(population, config, 7);
        assertThat(running.mean()).containsExactly(5, -1);
        assertThat(running.variance()).containsExactly(first, second);
        assertThat(running.batches()).isEqualTo(7);

        Moments back = running.asPopulation(3, config);
        assertThat(back.count()).isEqualTo(3);
        assertThat(back.mean()).containsExactly(5, -1);
        assertThat(back.m2()).containsExactly(6, 24);
    }

    @Test
    void ofASingleValueHaveVarianceZeroEvenUnbiased() {
        Config config = Convention.PYTORCH.config();
        Moments single = Moments.of(1, new double[] {5}, new double[1]);
        RunningStatistics running = RunningStatistics.of(single, config, 1);
        assertThat(running.variance()).containsExactly(0);
        assertThat(running.asPopulation(1, config).m2()).containsExactly(0);
    }

    /// Variance 2 of weights that sum to 1.5 is unbiased 2·1.5/0.5 = 6; a tenth of it is added to
    /// nine tenths of 1.
    @Test
    void learnAWeightedBatchUnbiasedByTheSumOfItsWeights() {
        RunningStatistics before = new RunningStatistics(new double[] {0}, new double[] {1}, 4);
        BatchStatistics batch =
                new BatchStatistics(3, new double[] {10}, new double[] {2}).withCount(1.5);
        RunningStatistics after = before.updated(batch, Convention.PYTORCH.config());
        assertThat(after.mean()).containsExactly(1);
        assertThat(after.variance()).containsExactly(1.5);
        assertThat(after.batches()).isEqualTo(5);
    }

    @Test
    void agreeWhereABatchIsNormalizedAlike() {
        RunningStatistics one = new RunningStatistics(new double[] {1}, new double[] {2}, 3);
        assertThat(one.agreesWith(new RunningStatistics(new double[] {1}, new double[] {2}, 9)))
                .isTrue();
        assertThat(one.agreesWith(new RunningStatistics(new double[] {4}, new double[] {2}, 3)))
                .isFalse();
        assertThat(one.agreesWith(new RunningStatistics(new double[] {1}, new double[] {4}, 3)))
                .isFalse();
    }
}
