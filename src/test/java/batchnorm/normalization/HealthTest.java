package batchnorm.normalization;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import batchnorm.fixtures.Configs;
import batchnorm.normalization.Health.Extreme;
import java.math.BigDecimal;
import java.math.MathContext;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class HealthTest {
    private static final Config PYTORCH = Convention.PYTORCH.config();
    private static final Config TENSORFLOW = Convention.TENSORFLOW_1.config();

    /// Against powers of 50 digits. `expm1` and `exp` of a product that is rounded once err by a
    /// few units in the last place times the logarithm.
    @ParameterizedTest
    @CsvSource({"0.1, 1", "0.1, 7", "0.001, 1000", "0.01, 3", "0.5, 40"})
    void theWeightOfAllUpdatesIsWhatTheInitialValuesHaveLost(double alpha, int batches) {
        BigDecimal share =
                BigDecimal.ONE.subtract(new BigDecimal(alpha)).pow(batches, new MathContext(50));
        Health health = Health.of(Configs.withMomentum(alpha), statistics(batches, 1, 1));
        assertThat(health.initialShare()).isEqualTo(share.doubleValue(), within(1e-14));
        assertThat(health.updateWeight())
                .isEqualTo(BigDecimal.ONE.subtract(share).doubleValue(), within(1e-14));
    }

    @Test
    void aCumulativeAverageForgetsTheInitialValuesAtOnce() {
        Config cumulative = Configs.withMomentum(null);
        assertThat(Health.of(cumulative, statistics(0, 0, 1)).updateWeight()).isZero();
        assertThat(Health.of(cumulative, statistics(1, 3, 4)).updateWeight()).isOne();
        assertThat(Health.of(cumulative, statistics(1, 3, 4)).initialShare()).isZero();
    }

    @Test
    void anUntrainedLayerSaysThatItsStatisticsAreTheInitialOnes() {
        Health health = Health.of(PYTORCH, statistics(0, 0, 1));
        assertThat(health.neverTrained()).isTrue();
        assertThat(health.initialShare()).isOne();
        assertThat(health.warnings()).singleElement().asString().contains("initial mean 0");
    }

    @ParameterizedTest
    @CsvSource({"0.5, 1", "0, 2"})
    void anUntrainedLayerWithOwnStatisticsNeedsACount(double mean, double variance) {
        assertThat(Health.of(PYTORCH, statistics(0, mean, variance)).warnings())
                .singleElement()
                .asString()
                .contains("num_batches_tracked");
    }

    @Test
    void aLayerWithoutFeaturesOrStatisticsSaysSo() {
        assertThat(Health.of(PYTORCH, null).neverTrained()).isTrue();
        assertThat(Health.of(PYTORCH, null).warnings())
                .singleElement()
                .asString()
                .contains("no batch has decided the features");
        Health untracked = Health.of(Convention.PURE_PYTHON.config(), null);
        assertThat(untracked.updateWeight()).isNull();
        assertThat(untracked.initialShare()).isNull();
        assertThat(untracked.warnings()).singleElement().asString().contains("the other rows");
    }

    /// 1000 batches of weight 0.001: 63.2 %, whose root is 0.795.
    @Test
    void variancesThatBeganAt0AmplifyAndTheWarningSaysHowMuch() {
        Health health = Health.of(TENSORFLOW, statistics(1000, 2, 5));
        assertThat(health.updateWeight()).isEqualTo(0.63230457522903, within(1e-13));
        assertThat(health.warnings())
                .singleElement()
                .asString()
                .contains("63.2 %", "amplifies by up to 1.26", "train 3603 more", "divide both");
        assertThat(Health.of(TENSORFLOW, statistics(4603, 2, 5)).warnings()).isEmpty();
    }

    @Test
    void aTrainedLayerWithSoundStatisticsHasNoWarnings() {
        Health health = Health.of(PYTORCH, statistics(100, 2, 5), 0.1, 0.2);
        assertThat(health.warnings()).isEmpty();
        assertThat(health.neverTrained()).isFalse();
        assertThat(health.smallestVariance()).isEqualTo(new Extreme(0, 5));
        assertThat(health.fp32DigitsLost()).isZero();
    }

    @Test
    void namesTheChannelsOfTheExtremes() {
        RunningStatistics running =
                new RunningStatistics(new double[] {0, 3, -4e6}, new double[] {9, 1e-2, 16}, 100);
        Health health = Health.of(PYTORCH, running);
        assertThat(health.smallestVariance()).isEqualTo(new Extreme(1, 1e-2));
        assertThat(health.meanToDeviation()).isEqualTo(new Extreme(2, 1e6));
        assertThat(health.fp32DigitsLost()).isEqualTo(6, within(1e-15));
        assertThat(health.warnings()).singleElement().asString().contains("channel 2", "lost 6 of");
    }

    @Test
    void ofEqualChannelsNamesTheFirst() {
        Health health = Health.of(PYTORCH, statistics(100, -2, 4));
        assertThat(health.smallestVariance()).isEqualTo(new Extreme(0, 4));
        assertThat(health.meanToDeviation()).isEqualTo(new Extreme(0, 1));
    }

    /// Exactly at a limit: an initial share of 1 %, a drift of 1, a variance of ten times epsilon.
    @Test
    void whatIsJustAtALimitIsNotWorthASentence() {
        RunningStatistics besideEpsilon = statistics(100, 0, 10 * PYTORCH.epsilon());
        assertThat(new Warnings(PYTORCH, besideEpsilon, 0.01).all(1)).isEmpty();
        assertThat(new Warnings(TENSORFLOW, besideEpsilon, 0.01).all(1)).isEmpty();
    }

    /// At ten times epsilon, outputs spread √(10/11) = 95 % as far as gamma specifies.
    @Test
    void aVarianceBesideEpsilonIsSaid() {
        assertThat(Health.of(PYTORCH, statistics(100, 0, 9.9 * PYTORCH.epsilon())).warnings())
                .singleElement()
                .asString()
                .contains("less than ten times epsilon", "by up to 316", "95.3 %");
        assertThat(Health.of(PYTORCH, statistics(100, 0, PYTORCH.epsilon())).warnings())
                .singleElement()
                .asString()
                .contains("70.7 %");
    }

    @Test
    void threeLostDigitsAndARefusedInferenceAre() {
        assertThat(Health.of(PYTORCH, statistics(100, 1000, 1)).warnings())
                .singleElement()
                .asString()
                .contains("channel 0 is 1000 deviations", "lost 3 of");
        assertThat(Health.of(PYTORCH, statistics(100, 0, -PYTORCH.epsilon())).warnings())
                .singleElement()
                .asString()
                .contains("rejected");
    }

    /// `1/√ε`, in three digits, with an exponent from 10⁶ on and below 10⁻³.
    @ParameterizedTest
    @CsvSource({
        "1e-6, 1000",
        "1e-12, 1.00e+06",
        "1e6, 0.00100",
        "1e8, 1.00e-04",
        "0.1, 3.16",
        "2e-12, 7.07e+05"
    })
    void numbersAreWrittenForPeople(double epsilon, String factor) {
        assertThat(Health.of(Configs.withEpsilon(epsilon), statistics(100, 0, 0)).warnings())
                .singleElement()
                .extracting(Warning::sentence)
                .asString()
                .endsWith("multiplies deviations by " + factor);
    }

    /// A text whose update omits the batch's variance keeps running_var at 0.
    @Test
    void aVarianceThatStayed0NamesTheBookThatForgetsItsTerm() {
        RunningStatistics running =
                new RunningStatistics(new double[] {1, 1, 1}, new double[3], 100);
        assertThat(Health.of(Convention.DEEP_LEARNING_FROM_SCRATCH.config(), running).warnings())
                .singleElement()
                .asString()
                .contains("3 channels", "first of which is 0", "(1 - momentum) * var", "by 1000");
    }

    @Test
    void whatInferenceRefusesAndWhatEpsilonHidesIsSaid() {
        RunningStatistics running =
                new RunningStatistics(
                        new double[] {0, 0, Double.NaN}, new double[] {-1, 1e-6, 1}, 100);
        assertThat(Health.of(PYTORCH, running).warnings())
                .map(Warning::sentence)
                .satisfiesExactly(
                        sentence -> assertThat(sentence).contains("not finite", "channel 2"),
                        sentence -> assertThat(sentence).contains("rejected", "channel 0"),
                        sentence ->
                                assertThat(sentence).contains("ten times epsilon", "channel 1"));
    }

    /// The first batch of a debiased average replaces the initial values.
    @Test
    void aDebiasedAverageHoldsNothingOfItsBeginning() {
        Health health = Health.of(Convention.HAIKU.config(), statistics(1, 2, 5));
        assertThat(health.initialShare()).isZero();
        assertThat(health.updateWeight()).isEqualTo(1);
        assertThat(health.warnings()).isEmpty();
    }

    @Test
    void dataThatHasMovedIsSaid() {
        assertThat(Health.of(PYTORCH, statistics(100, 2, 5), 0.1, 1.5).warnings())
                .singleElement()
                .asString()
                .contains("1.50 running deviations");
    }

    @Test
    void driftIsTheMeanDistanceInRunningDeviations() {
        BatchStatistics batch =
                new BatchStatistics(3, new double[] {1, 5, 7}, new double[] {1, 1, 1});
        RunningStatistics running =
                new RunningStatistics(new double[] {3, 5, 0}, new double[] {4, 1, 0}, 1);
        assertThat(Drift.between(batch, running)).isEqualTo(1 / 3.0, within(1e-16));
    }

    private static RunningStatistics statistics(long batches, double mean, double variance) {
        return new RunningStatistics(
                new double[] {mean, mean}, new double[] {variance, variance}, batches);
    }
}
