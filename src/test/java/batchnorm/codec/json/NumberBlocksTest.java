package batchnorm.codec.json;

import static java.nio.charset.StandardCharsets.US_ASCII;
import static org.assertj.core.api.Assertions.assertThat;

import batchnorm.codec.decimal.DecimalWriter;
import batchnorm.fixtures.RandomSeed;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.util.StringJoiner;
import java.util.concurrent.CompletableFuture;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class NumberBlocksTest {
    private static final int BLOCK = 1 << 13;

    @ParameterizedTest
    @ValueSource(
            ints = {
                NumberBlocks.WORTHWHILE - 1,
                NumberBlocks.WORTHWHILE,
                NumberBlocks.WORTHWHILE + 1,
                9 * BLOCK - 1,
                9 * BLOCK,
                9 * BLOCK + 1,
                300_000
            })
    void areTheSameTextInTheSameOrder(int length) throws IOException {
        double[] values = RandomSeed.random(length).doubles(length).toArray();
        assertThat(text(values, 0, length)).isEqualTo(oneByOne(values, 0, length));
    }

    @ParameterizedTest
    @ValueSource(ints = {NumberBlocks.WORTHWHILE - 1, NumberBlocks.WORTHWHILE, 70_000})
    void areTheSameTextOfFloats(int length) throws IOException {
        float[] values = new float[length + 1];
        StringJoiner joined = new StringJoiner(",", "[", "]");
        for (int i = 0; i < values.length; i++) {
            values[i] = i + 0.5f;
            if (i > 0) {
                joined.add(Float.toString(values[i]));
            }
        }
        ByteArrayOutputStream body = new ByteArrayOutputStream();
        JsonWriter writer = new JsonWriter(body);
        writer.mark('[');
        writer.numbers(values, 1, values.length);
        writer.mark(']');
        writer.finish();
        assertThat(body.toString(US_ASCII)).isEqualTo(joined.toString());
    }

    @Test
    void mayBeginAnywhere() throws IOException {
        double[] values = IntStream.range(0, 200_000).asDoubleStream().toArray();
        assertThat(text(values, 777, 150_001)).isEqualTo(oneByOne(values, 777, 150_001));
    }

    @Test
    void doNotMixThoseOfManyRequests() {
        CompletableFuture.allOf(
                        IntStream.range(0, 16)
                                .mapToObj(stream ->
                                        CompletableFuture.runAsync(
                                                () -> checkRandom(stream),
                                                Thread::startVirtualThread))
                                .toArray(CompletableFuture[]::new))
                .join();
    }

    private static void checkRandom(int stream) {
        double[] values = RandomSeed.random(stream).doubles(100_000).toArray();
        try {
            assertThat(text(values, 0, values.length))
                    .isEqualTo(oneByOne(values, 0, values.length));
        } catch (IOException impossible) {
            throw new AssertionError(impossible);
        }
    }

    private static String text(double[] values, int from, int to) throws IOException {
        ByteArrayOutputStream body = new ByteArrayOutputStream();
        JsonWriter writer = new JsonWriter(body);
        writer.mark('[');
        writer.numbers(values, from, to);
        writer.mark(']');
        writer.finish();
        return body.toString(US_ASCII);
    }

    private static String oneByOne(double[] values, int from, int to) {
        StringJoiner joined = new StringJoiner(",", "[", "]");
        DecimalWriter decimals = new DecimalWriter();
        byte[] text = new byte[DecimalWriter.ROOM];
        for (int i = from; i < to; i++) {
            joined.add(new String(text, 0, decimals.write(text, 0, values[i]), US_ASCII));
        }
        return joined.toString();
    }
}
