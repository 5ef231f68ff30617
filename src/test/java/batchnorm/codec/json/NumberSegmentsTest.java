package batchnorm.codec.json;

import static java.nio.charset.StandardCharsets.US_ASCII;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import batchnorm.codec.Codec;
import batchnorm.codec.Fields;
import batchnorm.codec.MalformedJson;
import batchnorm.codec.MalformedTensor;
import batchnorm.codec.Message;
import batchnorm.codec.Trickle;
import batchnorm.fixtures.RandomSeed;
import batchnorm.tensor.DataType;
import batchnorm.tensor.Tensor;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Random;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

/// Arrays long enough to be parsed on several cores, with other values among their numbers.
@Tag("slow")
@Timeout(value = 1, unit = TimeUnit.MINUTES)
class NumberSegmentsTest {
    private static final int MANY = 3 * NumberSegments.WORTHWHILE + 777;
    private static final Codec.Limits LIMITS = new Codec.Limits(1 << 20, 16);

    @ParameterizedTest
    @ValueSource(strings = {",", ", ", " ,", ",\n  ", " , "})
    void areReadWhateverStandsBetween(String separator) throws IOException {
        assertReads(literals(1, MANY), separator, DataType.FP32);
        assertReads(literals(1, MANY), separator, DataType.FP64);
    }

    @ParameterizedTest
    @ValueSource(ints = {-2, -1, 0, 1, 2, 5000})
    void areReadAtEveryLengthAroundTheThreshold(int more) throws IOException {
        assertReads(literals(2, NumberSegments.WORTHWHILE + more), ",", DataType.FP32);
    }

    @ParameterizedTest
    @EnumSource(DataType.class)
    void areReadInEveryDatatype(DataType dataType) throws IOException {
        assertReads(literals(3, MANY), ", ", dataType);
    }

    @Test
    void mayBeNeighboursOfOneCharacter() throws IOException {
        assertReads(Collections.nCopies(MANY, "7"), ",", DataType.FP64);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "\"NaN\"",
                "\"-Infinity\"",
                "1e-300",
                "123456789012345678901234567890",
                "-0.0",
                "1.00000005960464477539062500000000000000001",
                "   8",
                "9\t"
            })
    void mayHaveOthersAmongThem(String odd) throws IOException {
        for (int place : new int[] {0, 4000, MANY - 2, MANY - 1}) {
            List<String> literals = literals(4, MANY);
            literals.set(place, odd);
            assertReads(literals, ",", DataType.FP32);
            assertReads(literals, ", ", DataType.FP64);
        }
    }

    @Test
    void mayHaveManyOthersAmongThem() throws IOException {
        List<String> literals = literals(5, MANY);
        for (int place = 0; place < MANY; place += 1009) {
            literals.set(place, "\"Infinity\"");
        }
        assertReads(literals, ",", DataType.FP32);
    }

    @ParameterizedTest
    @ValueSource(strings = {"01", "1.", ".5", "+1", "--1", "1e", "NaN", "1 2", "", "1;", "null"})
    void areRefusedAtThePlaceOfTheMistake(String wrong) {
        for (int place : new int[] {0, 5000, MANY / 2, MANY - 2}) {
            List<String> literals = literals(6, MANY);
            String message = refusal(with(literals, place, wrong), LIMITS);
            // Numbers after the error do not matter; a short array suffices.
            String alone = refusal(with(literals.subList(0, 10), 7, wrong), LIMITS);
            assertThat(message.replaceAll("\\d+", "#")).isEqualTo(alone.replaceAll("\\d+", "#"));
            if (!message.startsWith("byte ")) {
                assertThat(message).contains("[" + place + "]");
            }
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {",", ", "})
    void nameTheByteOfAMistake(String separator) {
        for (int place : new int[] {MANY / 2, MANY - 3}) {
            List<String> literals = literals(7, MANY);
            literals.set(place, "4x");
            String body = body(literals, separator, DataType.FP32, "" + MANY);
            assertThat(refusal(body, LIMITS)).startsWith("byte " + body.indexOf('x') + ":");
        }
    }

    @ParameterizedTest
    @ValueSource(ints = {-1, 1, -5000, 5000})
    void mustBeAsManyAsTheShapeTells(int more) {
        String body = body(literals(8, MANY + more), ",", DataType.FP32, "" + MANY);
        assertThat(refusal(body, LIMITS)).contains("" + MANY).contains("" + (MANY + more));
    }

    @Test
    void areRefusedWhenTheBodyEndsAmongThem() {
        String body = body(literals(9, MANY), ",", DataType.FP32, "" + MANY);
        for (int length : new int[] {100_000, 500_000, body.length() - 8}) {
            assertThatThrownBy(() -> read(body.substring(0, length)))
                    .isInstanceOf(MalformedJson.class);
        }
    }

    @Test
    void mayBeFollowedByMoreFields() throws IOException {
        String tensor = tensor(literals(10, MANY), ",", DataType.FP32, "" + MANY);
        String body = "{\"input\":" + tensor + ",\"text\":\"a,b\",\"grad_output\":" + tensor + "}";
        Message message = read(body);
        assertThat(message.text("text")).isEqualTo("a,b");
        assertThat(floats(message.requireTensor("grad_output")))
                .containsExactly(floats(message.requireTensor("input")));
    }

    @Test
    void mayBeLongRowsOfNestedArrays() throws IOException {
        int row = NumberSegments.WORTHWHILE + 5;
        List<String> literals = literals(11, 3 * row);
        String rows =
                IntStream.range(0, 3)
                        .mapToObj(i -> String.join(",", literals.subList(i * row, (i + 1) * row)))
                        .collect(Collectors.joining("],[", "[[", "]]"));
        Message message =
                read(
                        "{\"input\":{\"shape\":[3,"
                                + row
                                + "],\"datatype\":\"FP32\",\"data\":"
                                + rows
                                + "}}");
        assertThat(floats(message.requireTensor("input"))).containsExactly(parsed(literals));
    }

    private static void assertReads(List<String> literals, String separator, DataType dataType)
            throws IOException {
        String body = body(literals, separator, dataType, "" + literals.size());
        Tensor whole = read(body).requireTensor("input");
        Tensor trickled =
                read(new Trickle(body.getBytes(US_ASCII), 1021), LIMITS).requireTensor("input");
        for (int i = 0; i < literals.size(); i++) {
            String literal = literals.get(i).replace("\"", "").strip();
            double expected =
                    switch (dataType) {
                        case FP64 -> Double.parseDouble(literal);
                        case FP32 -> Float.parseFloat(literal);
                        case FP16, BF16 -> dataType.narrow(Double.parseDouble(literal));
                    };
            if (Double.compare(whole.at(i), expected) != 0
                    || Double.compare(trickled.at(i), expected) != 0) {
                assertThat(whole.at(i)).as("element %d, %s", i, literal).isEqualTo(expected);
                assertThat(trickled.at(i)).as("element %d, %s", i, literal).isEqualTo(expected);
            }
        }
    }

    /// Typical output of programs: 17 digits of a float, its shortest digits, integers, exponents.
    private static List<String> literals(long stream, int count) {
        Random random = RandomSeed.random(stream);
        List<String> literals = new ArrayList<>();
        for (int i = 0; i < count; i++) {
            float value = (float) random.nextGaussian();
            literals.add(
                    switch (random.nextInt(6)) {
                        case 0 -> Float.toString(value);
                        case 1 -> Integer.toString(random.nextInt(100));
                        case 2 -> Float.toString(value * 1e-6f);
                        default -> Double.toString(value);
                    });
        }
        return literals;
    }

    private static String with(List<String> literals, int place, String wrong) {
        List<String> changed = new ArrayList<>(literals);
        changed.set(place, wrong);
        return body(changed, ",", DataType.FP32, "" + changed.size());
    }

    private static String body(
            List<String> literals, String separator, DataType dataType, String shape) {
        return "{\"input\":" + tensor(literals, separator, dataType, shape) + "}";
    }

    private static String tensor(
            List<String> literals, String separator, DataType dataType, String shape) {
        return "{\"shape\":[%s],\"datatype\":\"%s\",\"data\":[%s]}"
                .formatted(shape, dataType, String.join(separator, literals));
    }

    private static String refusal(String body, Codec.Limits limits) {
        try {
            read(new ByteArrayInputStream(body.getBytes(US_ASCII)), limits);
        } catch (MalformedJson | MalformedTensor e) {
            return String.valueOf(e.getMessage());
        } catch (IOException impossible) {
            throw new AssertionError(impossible);
        }
        throw new AssertionError("was read");
    }

    private static Message read(String body) throws IOException {
        return read(new ByteArrayInputStream(body.getBytes(US_ASCII)), LIMITS);
    }

    private static Message read(InputStream body, Codec.Limits limits) throws IOException {
        return new JsonCodec().decode(body, Fields.ALL, limits);
    }

    private static float[] floats(Tensor tensor) {
        return ((Tensor.Floats) tensor).values();
    }

    private static float[] parsed(List<String> literals) {
        float[] values = new float[literals.size()];
        for (int i = 0; i < values.length; i++) {
            values[i] = Float.parseFloat(literals.get(i));
        }
        return values;
    }
}
