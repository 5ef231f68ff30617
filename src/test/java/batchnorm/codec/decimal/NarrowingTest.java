package batchnorm.codec.decimal;

import static org.assertj.core.api.Assertions.assertThat;

import batchnorm.tensor.DataType;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

class NarrowingTest {

    /// Midpoints of normal numbers, of subnormal ones, and between both.
    @ParameterizedTest
    @EnumSource(mode = EnumSource.Mode.EXCLUDE, names = "FP64")
    void seesTheMiddleBetweenAnyTwoNeighbours(DataType dataType) {
        for (int power = -160; power < 127; power++) {
            for (double digits : new double[] {1, 1.25, 1.3, 1.999}) {
                double below = dataType.narrow(Math.scalb(digits, power));
                double above = next(dataType, below);
                if (Double.isFinite(above)) {
                    double middle = (below + above) / 2;
                    assertThat(Narrowing.mayBeHalfway(middle)).as("%s", middle).isTrue();
                    assertThat(Narrowing.mayBeHalfway(-middle)).as("%s", -middle).isTrue();
                }
            }
        }
    }

    private static double next(DataType dataType, double value) {
        return switch (dataType) {
            case FP32 -> Math.nextUp((float) value);
            case FP16 -> Float.float16ToFloat((short) (Float.floatToFloat16((float) value) + 1));
            default ->
                    DataType.bfloat16ToFloat((short) (DataType.floatToBfloat16((float) value) + 1));
        };
    }

    /// Otherwise the slow path would be the usual one.
    @ParameterizedTest
    @ValueSource(doubles = {0, -0.0, 1, 0.1, 2049.25, 1e-3, 0x1p-14, 1e300})
    void seesNoneInUsualNumbers(double value) {
        assertThat(Narrowing.mayBeHalfway(value)).isFalse();
    }
}
