package batchnorm.kernel;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Arrays;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class FloatParametersTest {
    private static final double[] ONE = {1};

    @ParameterizedTest
    @ValueSource(doubles = {0, -0.0, 1, -3e5, 0x1p100, -0x1p100, 0x1p-100, -0x1p-100})
    void fitsWhatLeavesRoomForItsProducts(double value) {
        double[] values = {1, value};
        assertThat(FloatParameters.areSensible(values)).isTrue();
        assertThat(FloatParameters.areBounded(values)).isTrue();
        assertThat(FloatParameters.fits(values, values, values)).isTrue();
    }

    @ParameterizedTest
    @ValueSource(doubles = {0x1.1p100, -0x1.1p100, 1e300, 1 / 0.0, Double.NaN})
    void doesNotFitWhatIsTooLarge(double value) {
        double[] values = {value, 1};
        assertThat(FloatParameters.areSensible(values)).isFalse();
        assertThat(FloatParameters.areBounded(values)).isFalse();
        assertThat(FloatParameters.fits(values, ONE, ONE)).isFalse();
        assertThat(FloatParameters.fits(ONE, values, ONE)).isFalse();
        assertThat(FloatParameters.fits(ONE, ONE, values)).isFalse();
    }

    @ParameterizedTest
    @ValueSource(doubles = {0x0.fp-100, -0x0.fp-100, Double.MIN_VALUE})
    void doesNotMultiplyByWhatIsTooSmall(double value) {
        double[] values = {value, 1};
        assertThat(FloatParameters.areSensible(values)).isFalse();
        assertThat(FloatParameters.fits(ONE, ONE, values)).as("but adds it").isTrue();
    }

    /// Tests each index of arrays of many lengths.
    @ParameterizedTest
    @ValueSource(
            doubles = {
                0,
                1,
                -3e5,
                0x1p100,
                -0x1.1p100,
                1 / 0.0,
                Double.NaN,
                0x1p-100,
                -0x0.fp-100,
                1e-320
            })
    void vectorsAgree(double value) {
        for (int length = 0; length < 20; length++) {
            for (int at = 0; at < length; at++) {
                double[] values = new double[length];
                Arrays.fill(values, -2);
                values[at] = value;
                boolean sensible = FloatParameters.areSensible(values);
                boolean bounded = FloatParameters.areBounded(values);
                assertThat(VectorBounds.areSensible(values)).isEqualTo(sensible);
                assertThat(VectorBounds.areBounded(values)).isEqualTo(bounded);
                assertThat(VectorBounds.fits(values, ONE, ONE)).isEqualTo(sensible);
                assertThat(VectorBounds.fits(ONE, values, ONE)).isEqualTo(sensible);
                assertThat(VectorBounds.fits(ONE, ONE, values)).isEqualTo(bounded);
            }
        }
        assertThat(VectorBounds.fits(new double[0], new double[0], new double[0])).isTrue();
    }

    @Test
    void splitsACenterInTwoFloats() {
        double[] center = {1e6 + 1e-3, -0.1};
        assertThat(FloatParameters.high(center)).containsExactly((float) 1e6, -0.1f);
        double lost = center[0] - (float) center[0];
        assertThat(FloatParameters.low(center))
                .containsExactly((float) lost, (float) (-0.1 + 0.1f));
    }
}
