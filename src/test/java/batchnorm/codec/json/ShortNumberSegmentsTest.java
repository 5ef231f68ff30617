package batchnorm.codec.json;

import static java.nio.charset.StandardCharsets.US_ASCII;
import static org.assertj.core.api.Assertions.assertThat;

import batchnorm.codec.Codec;
import batchnorm.codec.Trickle;
import batchnorm.tensor.DataType;
import java.io.IOException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/// Segments of the shortest possible bodies, not covered by [NumberSegmentsTest].
class ShortNumberSegmentsTest {
    /// Two bytes each.
    private static final int ONE_SEGMENT = JsonReader.CAPACITY / 2;

    private static JsonReader reader(String body) {
        return new JsonReader(new Trickle(body.getBytes(US_ASCII), 1000), 3);
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = ';',
            quoteCharacter = '`',
            value = {
                "1.5,-2,3,4]; 4; 3; 9",
                "1, 2, 3]; 3; 2; 5",
                "1,2,\"NaN\",4,5]; 5; 2; 4",
                "1,01,5]; 5; 1; 2",
                "1 ,2,5]; 5; 0; 0",
                "1,2,3,; 3; 3; 6",
                "1,2,3,4,; 3; 0; 0",
                "]; 3; 0; 0",
                "``; 3; 0; 0",
            })
    void areReadUpToWhatIsNotPlain(String body, int expected, int read, int left)
            throws IOException {
        for (DataType dataType : new DataType[] {DataType.FP32, DataType.FP64}) {
            JsonReader reader = reader(body);
            TensorBuilder elements =
                    new TensorBuilder(dataType, expected, new Codec.Limits(1000, 64));
            assertThat(new NumberSegments(reader, elements).read()).isFalse();
            assertThat(elements.size()).isEqualTo(read);
            assertThat(reader.offset()).isEqualTo(left);
            StringBuilder rest = new StringBuilder();
            for (byte next = reader.peek(); !reader.atEnd(); next = reader.peek()) {
                rest.append((char) next);
                reader.position++;
            }
            assertThat(rest.toString()).isEqualTo(body.substring(left).replace(" ", ""));
        }
    }

    @Test
    void addToTheElementsThatThereAre() throws IOException {
        JsonReader reader = reader("1,2,3,4,5,6,7,8]");
        TensorBuilder elements = new TensorBuilder(DataType.FP64, 7, new Codec.Limits(1000, 64));
        elements.addPlain(-1);
        new NumberSegments(reader, elements).read();
        assertThat(elements.size()).as("more than are expected").isOne();
        elements = new TensorBuilder(DataType.FP64, 8, new Codec.Limits(1000, 64));
        elements.addPlain(-1);
        new NumberSegments(reader, elements).read();
        assertThat(elements.toDoubles()).containsExactly(-1, 1, 2, 3, 4, 5, 6, 7);
        assertThat(reader.peek()).isEqualTo((byte) '8');
    }

    /// The decision to try again is made after each segment was used.
    @Test
    void areUsedAgainAndAgain() throws IOException {
        int segments = HelpableTask.count() + 2;
        int count = segments * ONE_SEGMENT;
        JsonReader reader = reader("7,".repeat(count) + "8]");
        TensorBuilder elements =
                new TensorBuilder(DataType.FP64, count + 1, new Codec.Limits(count + 1, 64));
        assertThat(new NumberSegments(reader, elements).read()).isTrue();
        assertThat(elements.size()).isEqualTo(count);
        assertThat(reader.offset()).isEqualTo(2L * count);
        assertThat(elements.toDoubles()).containsOnly(7);
        TensorBuilder fewer =
                new TensorBuilder(DataType.FP64, ONE_SEGMENT, new Codec.Limits(count, 64));
        assertThat(new NumberSegments(reader("7,".repeat(ONE_SEGMENT)), fewer).read()).isFalse();
        assertThat(fewer.size()).isEqualTo(ONE_SEGMENT);
    }

    /// Cuts at each byte of a number, including comma and blank.
    @Test
    void areCutBehindACommaWherever() throws IOException {
        for (int before = 0; before < 9; before++) {
            String first = "1" + "0".repeat(before) + ",";
            JsonReader reader = reader(first + "-12.25, ".repeat(20_000) + "x");
            TensorBuilder elements =
                    new TensorBuilder(DataType.FP32, 50_000, new Codec.Limits(100_000, 64));
            new NumberSegments(reader, elements).read();
            assertThat(elements.size()).isEqualTo(20_001);
            assertThat(reader.peek()).isEqualTo((byte) 'x');
            assertThat(reader.offset()).isEqualTo(first.length() + 160_000L);
        }
    }

    @Test
    void arePutBackFromTheFirstMistakeOn() throws IOException {
        String body = "7,".repeat(ONE_SEGMENT) + "7,7,?," + "7,".repeat(3 * ONE_SEGMENT);
        JsonReader reader = reader(body);
        TensorBuilder elements =
                new TensorBuilder(DataType.FP64, 1 << 20, new Codec.Limits(1 << 20, 64));
        new NumberSegments(reader, elements).read();
        assertThat(elements.size()).isEqualTo(ONE_SEGMENT + 2);
        assertThat(reader.skip('?')).isTrue();
        assertThat(reader.offset()).isEqualTo(2 * ONE_SEGMENT + 5);
        byte[] rest = new byte[body.length()];
        assertThat(new String(rest, 0, reader.take(rest, 0, rest.length), US_ASCII))
                .isEqualTo(body.substring(2 * ONE_SEGMENT + 5));
    }

    @Test
    void areWorthwhileFromSomeNumbersOn() {
        int enough = NumberSegments.WORTHWHILE;
        assertThat(
                        new TensorBuilder(DataType.FP32, enough, new Codec.Limits(1 << 20, 64))
                                .expectsMany(-1))
                .isTrue();
        assertThat(
                        new TensorBuilder(DataType.FP64, enough, new Codec.Limits(1 << 20, 64))
                                .expectsMany(enough))
                .isTrue();
        assertThat(
                        new TensorBuilder(DataType.FP64, enough - 1, new Codec.Limits(1 << 20, 64))
                                .expectsMany(-1))
                .isFalse();
        assertThat(
                        new TensorBuilder(DataType.FP64, enough, new Codec.Limits(1 << 20, 64))
                                .expectsMany(enough - 1))
                .isFalse();
        assertThat(
                        new TensorBuilder(DataType.FP64, enough, new Codec.Limits(1 << 20, 64))
                                .expectsMany(0))
                .isFalse();
        assertThat(
                        new TensorBuilder(DataType.FP16, enough, new Codec.Limits(1 << 20, 64))
                                .expectsMany(-1))
                .isFalse();
        assertThat(new TensorBuilder(null, enough, new Codec.Limits(1 << 20, 64)).expectsMany(-1))
                .isFalse();
        TensorBuilder begun =
                new TensorBuilder(DataType.FP32, enough, new Codec.Limits(1 << 20, 64));
        begun.addPlain(1);
        assertThat(begun.expectsMany(-1)).isFalse();
        assertThat(begun.expectsMany(enough)).isFalse();
    }
}
