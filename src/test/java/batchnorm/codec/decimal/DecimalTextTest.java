package batchnorm.codec.decimal;

import static org.assertj.core.api.Assertions.assertThat;

import batchnorm.fixtures.RandomSeed;
import batchnorm.tensor.DecimalText;
import java.nio.charset.StandardCharsets;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/// Messages and JSON responses write a number alike.
class DecimalTextTest {
    private final DecimalWriter writer = new DecimalWriter();

    @ParameterizedTest
    @ValueSource(
            doubles = {
                0,
                -0.0,
                1,
                -1,
                0.1,
                1e-3,
                1e-4,
                1e-5,
                -1e-5,
                1.5e-7,
                1e7,
                123456789,
                1e15,
                1e16,
                1.5e16,
                2e23,
                1e300,
                Double.MAX_VALUE,
                Double.MIN_NORMAL,
                1.0 / 3
            })
    void writesANumberAsJsonResponsesDo(double value) {
        assertThat(DecimalText.of(value)).isEqualTo(json(value));
    }

    @Test
    void writesAnyNumberAsJsonResponsesDo() {
        Random random = RandomSeed.random(1);
        for (int i = 0; i < 20_000; i++) {
            double value = Double.longBitsToDouble(random.nextLong());
            if (Double.isFinite(value)) {
                assertThat(DecimalText.of(value)).isEqualTo(json(value));
            }
        }
    }

    @Test
    void writesWhatIsNotFiniteWithoutQuotes() {
        assertThat(DecimalText.of(Double.NaN)).isEqualTo("NaN");
        assertThat(DecimalText.of(Double.NEGATIVE_INFINITY)).isEqualTo("-Infinity");
    }

    private String json(double value) {
        byte[] text = new byte[DecimalWriter.ROOM];
        return new String(text, 0, writer.write(text, 0, value), StandardCharsets.US_ASCII);
    }
}
