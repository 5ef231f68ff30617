package batchnorm.codec.body;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import batchnorm.codec.BodyTooLarge;
import batchnorm.codec.InvalidField;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.util.Arrays;
import java.util.concurrent.atomic.AtomicLong;
import java.util.zip.DeflaterOutputStream;
import java.util.zip.GZIPOutputStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.NullSource;
import org.junit.jupiter.params.provider.ValueSource;

class InflatedBodyTest {
    private static final int LIMIT = 1 << 20;

    private static InputStream inflated(byte[] body, String coding) throws IOException {
        return InflatedBody.of(new ByteArrayInputStream(body), coding, LIMIT, bytes -> {});
    }

    private static byte[] compressed(String coding, int zeros) throws IOException {
        ByteArrayOutputStream compressed = new ByteArrayOutputStream();
        try (OutputStream body =
                coding.equals("deflate")
                        ? new DeflaterOutputStream(compressed)
                        : new GZIPOutputStream(compressed)) {
            body.write(new byte[zeros]);
        }
        return compressed.toByteArray();
    }

    @ParameterizedTest
    @NullSource
    @ValueSource(strings = {"identity", "Identity"})
    void leavesAPlainBodyAsItIs(String coding) throws IOException {
        byte[] body = {1, 2, 3};
        assertThat(inflated(body, coding).readAllBytes()).isEqualTo(body);
        assertThat(InflatedBody.isPlain(coding)).isTrue();
    }

    @ParameterizedTest
    @ValueSource(strings = {"gzip", "x-gzip", "GZip", "deflate"})
    void inflatesUpToTheLimitHoweverMuchThatIs(String coding) throws IOException {
        byte[] body = compressed(coding, LIMIT);
        assertThat(LIMIT / body.length).isGreaterThan(500);
        assertThat(inflated(body, coding).readAllBytes()).hasSize(LIMIT);
        assertThat(InflatedBody.isPlain(coding)).isFalse();
    }

    @ParameterizedTest
    @ValueSource(strings = {"gzip", "deflate"})
    void stopsAtTheLimit(String coding) throws IOException {
        byte[] body = compressed(coding, LIMIT + 1);
        AtomicLong taken = new AtomicLong();
        InputStream inflated =
                InflatedBody.of(new ByteArrayInputStream(body), coding, LIMIT, taken::set);
        assertThatThrownBy(inflated::readAllBytes)
                .isInstanceOf(BodyTooLarge.class)
                .hasMessageContaining("" + LIMIT);
        assertThat(taken.get()).isLessThanOrEqualTo(LIMIT + (1 << 14));
    }

    @Test
    void countsEveryByteAsItComes() throws IOException {
        AtomicLong taken = new AtomicLong();
        InputStream inflated =
                InflatedBody.of(
                        new ByteArrayInputStream(compressed("gzip", 5000)),
                        "gzip",
                        LIMIT,
                        taken::set);
        assertThat(inflated.read()).isZero();
        assertThat(taken.get()).isEqualTo(1);
        assertThat(inflated.readNBytes(999)).hasSize(999);
        assertThat(taken.get()).isEqualTo(1000);
        assertThat(inflated.skip(1000)).isEqualTo(1000);
        inflated.readAllBytes();
        assertThat(taken.get()).isEqualTo(5000);
    }

    @ParameterizedTest
    @ValueSource(strings = {"gzip", "deflate"})
    void saysThatABodyIsNotWhatItsCodingSays(String coding) throws IOException {
        assertThatThrownBy(() -> inflated("{}, and more".getBytes(UTF_8), coding).readAllBytes())
                .isInstanceOf(InvalidField.class)
                .hasMessageStartingWith("the body does not match its Content-Encoding");
        byte[] half = Arrays.copyOf(compressed(coding, 5000), 15);
        assertThatThrownBy(() -> inflated(half, coding).readAllBytes())
                .isInstanceOf(EOFException.class);
    }

    @ParameterizedTest
    @ValueSource(strings = {"br", "zstd", "gzip, gzip", "compress", ""})
    void knowsNoOtherCoding(String coding) {
        assertThatThrownBy(() -> inflated(new byte[0], coding))
                .isInstanceOf(UnsupportedCoding.class)
                .hasMessageContaining("gzip, deflate or identity");
    }
}
