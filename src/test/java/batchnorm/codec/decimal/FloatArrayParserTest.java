package batchnorm.codec.decimal;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import batchnorm.codec.json.JsonCodecTest;
import batchnorm.fixtures.RandomSeed;
import batchnorm.tensor.Tensor;
import java.io.IOException;
import java.math.BigDecimal;
import java.math.RoundingMode;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/// Runs long enough to be parsed in batches, with other values among them.
class FloatArrayParserTest {
    private static final int MANY = 1500;

    /// Sizes around the growth of batches.
    private static final int[] PLACES = {
        0, 31, 32, 33, 63, 64, 127, 128, 255, 256, 480, 511, 512, 1400, MANY - 1
    };

    private final Random random = RandomSeed.random(1);

    @Test
    void readsHoweverManyDigitsThereAre() throws IOException {
        assertReads(IntStream.range(0, MANY).mapToObj(i -> plain(1 + i % 23)).toList(), ",");
    }

    @ParameterizedTest
    @ValueSource(ints = {33, 64, 65, 90, 127, 129, 300, 1400})
    void readsTheLongestOfThem(int count) throws IOException {
        assertReads(IntStream.range(0, count).mapToObj(i -> plain(20)).toList(), ", ");
    }

    @ParameterizedTest
    @ValueSource(strings = {",", ", "})
    void readsWhateverGapIsUsual(String gap) throws IOException {
        assertReads(plain(), gap);
    }

    @Test
    void readsGapsThatChange() throws IOException {
        List<String> literals = plain();
        StringBuilder text = new StringBuilder();
        literals.forEach(
                literal -> text.append(literal).append(random.nextInt(20) == 0 ? "," : ", "));
        assertReadsText(literals, text.substring(0, text.lastIndexOf(",")));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "7",
                "-12.5",
                "1234567.25",
                "1e-7",
                "-2.5E+3",
                "0.0",
                "-0.0",
                "0.00000000000000000000001",
                "0.00000000000000012345",
                "0.0000000000012345678",
                "1.0000000596046447753906250",
                "1.00000005960464477",
                "9.99999999999999999999",
                "3.4028235e38"
            })
    void readsOthersAmongThem(String odd) throws IOException {
        for (int place : PLACES) {
            List<String> literals = plain();
            literals.set(place, odd);
            assertReads(literals, ", ");
        }
    }

    @Test
    void readsRunsInWhichFewAreAlike() throws IOException {
        List<String> literals = new ArrayList<>();
        for (int i = 0; i < 4 * MANY; i++) {
            literals.add(i / 400 % 3 == 1 ? Integer.toString(random.nextInt(256)) : plain(16));
        }
        assertReads(literals, ", ");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "1.",
                ".5",
                "+1.5",
                "--1.5",
                "01.5",
                "1.5 ",
                "1.2.3",
                "1.23456789:1",
                "1.2345678901x34",
                "1.23456789012345678x",
                "1.2345678901234567e",
                "\"NaN\"",
                "null",
                "",
                "[1.5",
                "1.5]",
                "1.5\u00e9",
                "1e39"
            })
    void stopsBeforeWhatIsNotPlain(String wrong) {
        for (int place : PLACES) {
            List<String> literals = plain();
            literals.set(place, wrong);
            byte[] text = padded(String.join(", ", literals) + ", ");
            float[] target = new float[MANY];
            NumberScanner scanner = new NumberScanner();
            assertThat(scanner.run(text, 0, text.length - NumberScanner.COMMON_LENGTH, target, 0))
                    .isEqualTo(place);
            assertThat(scanner.position())
                    .isEqualTo(
                            literals.subList(0, place).stream()
                                    .mapToInt(literal -> literal.length() + 2)
                                    .sum());
        }
    }

    @ParameterizedTest
    @MethodSource("hard")
    void roundsOnceCloseToTheMiddleOfTwoFloats(String hard) throws IOException {
        List<String> literals = plain();
        literals.set(900, hard);
        assertReads(literals, ",");
    }

    /// Decimals slightly off the midpoint of two floats, in the last of many digits. The small ones
    /// are the smallest that may be read without the deciding digits after the sixteenth.
    private static Stream<String> hard() {
        Random random = RandomSeed.random(2);
        Stream<String> common =
                IntStream.range(0, 400)
                        .mapToObj(i ->
                                besideMiddle(
                                        random.nextFloat(-9, 9),
                                        10 + i % 11,
                                        i % 2 == 0 ? RoundingMode.UP : RoundingMode.DOWN));
        Stream<String> small =
                IntStream.range(0, 40)
                        .mapToObj(i ->
                                besideMiddle(
                                        random.nextFloat(1.1e-4f, 1.3e-4f),
                                        17 + i % 4,
                                        RoundingMode.UP));
        return Stream.concat(common, small);
    }

    private static String besideMiddle(float below, int digits, RoundingMode direction) {
        double middle = (below + (double) Math.nextUp(below)) / 2;
        return new BigDecimal(middle).setScale(digits, direction).toPlainString();
    }

    private List<String> plain() {
        return new ArrayList<>(
                IntStream.range(0, MANY).mapToObj(i -> plain(1 + random.nextInt(18))).toList());
    }

    private String plain(int digits) {
        StringBuilder literal = new StringBuilder(random.nextBoolean() ? "-" : "");
        literal.append(random.nextInt(10)).append('.');
        random.ints(digits, 0, 10).forEach(literal::append);
        return literal.toString();
    }

    private static void assertReads(List<String> literals, String gap) throws IOException {
        assertReadsText(literals, String.join(gap, literals));
    }

    private static void assertReadsText(List<String> literals, String text) throws IOException {
        String body =
                "{\"input\":{\"shape\":[%d],\"datatype\":\"FP32\",\"data\":[%s]}}"
                        .formatted(literals.size(), text);
        Tensor tensor = JsonCodecTest.decode(body).requireTensor("input");
        for (int i = 0; i < literals.size(); i++) {
            float expected = Float.parseFloat(literals.get(i));
            assertThat((float) tensor.at(i))
                    .as("element %d, %s", i, literals.get(i))
                    .isEqualTo(expected);
        }
    }

    private static byte[] padded(String text) {
        byte[] bytes = text.getBytes(UTF_8);
        return Arrays.copyOf(bytes, bytes.length + NumberScanner.COMMON_LENGTH);
    }
}
