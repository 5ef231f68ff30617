package batchnorm.normalization;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import batchnorm.fixtures.Configs;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class AffineTest {
    private static final Config CONFIG = Configs.withEpsilon(1);

    /// Deviations 2 and 4: `4·(x-3)/2 + 5 = 2x - 1` and `-2·(x+2)/4 + 7 = -x/2 + 6`.
    @Test
    void isInferenceAsOneFactorAndOneShift() {
        RunningStatistics running =
                new RunningStatistics(new double[] {3, -2}, new double[] {3, 15}, 9);
        Parameters parameters = new Parameters(new double[] {4, -2}, new double[] {5, 7});
        Affine affine = Affine.of(running, parameters, CONFIG);
        assertThat(affine.channels()).isEqualTo(2);
        assertThat(affine.scale()).containsExactly(2, -0.5);
        assertThat(affine.shift()).containsExactly(-1, 6);
        assertThat(affine.at(0, 10)).isEqualTo(19);
        assertThat(affine.at(1, 10)).isEqualTo(1);
    }

    @ParameterizedTest
    @CsvSource({"Infinity, 0", "1e200, 1e200", "NaN, 1"})
    void refusesAFactorOrAShiftThatIsNotFinite(double gamma, double mean) {
        RunningStatistics running =
                new RunningStatistics(new double[] {0, mean}, new double[] {0, 0}, 9);
        Parameters parameters = new Parameters(new double[] {1, gamma}, null);
        assertThatThrownBy(() -> Affine.of(running, parameters, CONFIG))
                .isInstanceOf(NonFiniteResult.class)
                .hasMessageStartingWith("channel 1 has scale");
    }
}
