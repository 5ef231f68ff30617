package batchnorm.codec.decimal;

import static java.nio.charset.StandardCharsets.US_ASCII;
import static org.assertj.core.api.Assertions.assertThat;

import batchnorm.codec.Message;
import batchnorm.codec.json.JsonCodec;
import batchnorm.codec.json.JsonCodecTest;
import batchnorm.fixtures.RandomSeed;
import batchnorm.tensor.Shape;
import batchnorm.tensor.Tensor;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.math.BigDecimal;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/// The layout of floats; [NumberFuzz] verifies their digits.
class BatchFloatFormatterTest {
    @ParameterizedTest
    @CsvSource({
        "3, 3.0",
        "-7, -7.0",
        "1, 1.0",
        "0, 0.0",
        "-0.0, -0.0",
        "2, 2.0",
        "1.5, 1.5",
        "-9.999999, -9.999999",
        "10, 10.0",
        "123.25, 123.25",
        "0.3, 0.3",
        "0.5, 0.5",
        "-0.025, -0.025",
        "0.0001, 0.0001",
        "0.00012345678, 0.00012345678",
        "0.00001, 1e-5",
        "-1.25e-7, -1.25e-7",
        "1e15, 1.0E15",
        "1e16, 1e16",
        "3.4028235e38, 3.4028235e38",
        "1.4e-45, 1e-45",
        "1.17549435e-38, 1.1754944e-38"
    })
    void areShort(float value, String text) {
        float[] values = new float[300];
        for (int place : new int[] {0, 255, 256, 299}) {
            values[place] = value;
            assertThat(text(values).split(",")[place])
                    .isEqualTo(text.replace("1.0E15", "1000000000000000.0"));
        }
    }

    @Test
    void ofPowersOfTwoAreAsShort() {
        float[] values = new float[254];
        for (int i = 0; i < values.length; i++) {
            values[i] = Math.scalb(i % 2 == 0 ? 1f : -1f, i - 126);
        }
        String[] texts = text(values).split(",");
        for (int i = 0; i < values.length; i++) {
            assertThat(new BigDecimal(texts[i])).isEqualByComparingTo(Float.toString(values[i]));
        }
    }

    @Test
    void areTheSameInRowsOfAnyLength() {
        Random random = RandomSeed.random(1);
        float[] values = new float[1000];
        for (int i = 0; i < values.length; i++) {
            values[i] = (float) random.nextGaussian();
        }
        BatchFloatFormatter rows = new BatchFloatFormatter(values);
        byte[] text = new byte[values.length * (DecimalWriter.ROOM + 1)];
        int at = 0;
        for (int from = 0, to; from < values.length; from = to) {
            to = Math.min(values.length, from + random.nextInt(70));
            at = rows.write(text, at, from, to);
        }
        assertThat(new String(text, 0, at, US_ASCII)).isEqualTo(text(values));
    }

    @Test
    void ofOneTensorMayBeWrittenTwice() throws IOException {
        float[] values = new float[600];
        values[3] = 1.25f;
        values[400] = -0.75f;
        Tensor tensor = Tensor.of(Shape.of(values.length), values);
        ByteArrayOutputStream body = new ByteArrayOutputStream();
        new JsonCodec().encode(new Message().with("input", tensor).with("output", tensor), body);
        Message read =
                JsonCodecTest.decode(body.toString(US_ASCII).replace("output", "grad_output"));
        assertThat(((Tensor.Floats) read.requireTensor("input")).values()).containsExactly(values);
        assertThat(((Tensor.Floats) read.requireTensor("grad_output")).values())
                .containsExactly(values);
    }

    @Test
    void ofTwoTensorsAreEachItsOwn() throws IOException {
        Message message =
                new Message()
                        .with("input", Tensor.of(Shape.of(2), 1.25f, -3.5f))
                        .with("output", Tensor.of(Shape.of(2), 7.5f, 0.125f));
        assertThat(JsonCodecTest.encode(message)).contains("[1.25,-3.5]", "[7.5,0.125]");
    }

    @Test
    void haveTheDigitsThatTheJdkGivesThem() {
        float[] magnitudes = AwkwardNumbers.floats();
        float[] values = new float[2 * magnitudes.length];
        for (int i = 0; i < values.length; i++) {
            values[i] = (i % 2 == 0 ? 1 : -1) * magnitudes[i / 2];
        }
        WrittenDecimals written = new WrittenDecimals();
        written.in("\"data\":[" + text(values));
        for (float value : values) {
            written.requireAsGoodAs(value);
        }
    }

    private static String text(float[] values) {
        byte[] text = new byte[values.length * (DecimalWriter.ROOM + 1)];
        return new String(
                text,
                0,
                new BatchFloatFormatter(values).write(text, 0, 0, values.length),
                US_ASCII);
    }
}
