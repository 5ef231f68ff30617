package batchnorm.codec.binary;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import batchnorm.codec.MalformedTensor;
import batchnorm.codec.Trickle;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/// Bodies of the bytes 0, 1, 2 …. They arrive a few at a time, with a buffer of 64 bytes.
class BinaryBodyTest {
    private static byte[] bytes(int size) {
        byte[] bytes = new byte[size];
        for (int i = 0; i < size; i++) {
            bytes[i] = (byte) i;
        }
        return bytes;
    }

    private static BinaryBody body(int size) {
        return new BinaryBody(new Trickle(bytes(size), 7), "it", 10);
    }

    @ParameterizedTest
    @ValueSource(ints = {1, 63, 64, 65, 200})
    void givesItsBytesInOrder(int size) throws IOException {
        BinaryBody body = body(size);
        byte[] taken = new byte[size];
        body.read(taken, "it");
        assertThat(taken).isEqualTo(bytes(size));
        assertThat(body.offset()).isEqualTo(size);
        assertThat(body.atEnd()).isTrue();
        body.requireEnd();
    }

    @Test
    void passesOverBytes() throws IOException {
        BinaryBody body = body(200);
        body.skip(150, "a gap");
        assertThat(body.offset()).isEqualTo(150);
        body.require(1, "a byte");
        assertThat(body.buffer.get()).isEqualTo((byte) 150);
        body.skip(0, "nothing");
        assertThat(body.offset()).isEqualTo(151);
        assertThatThrownBy(() -> body.skip(50, "a gap"))
                .isInstanceOf(MalformedTensor.class)
                .hasMessage("it, byte 200: the body ends in the middle of a gap");
    }

    @Test
    void isRefusedWhenItEndsTooEarlyOrTooLate() throws IOException {
        BinaryBody body = body(20);
        body.require(20, "a header");
        assertThatThrownBy(() -> body.require(21, "a header"))
                .isInstanceOf(MalformedTensor.class)
                .hasMessage("it, byte 0: the body ends in the middle of a header");
        body.skip(19, "most");
        assertThat(body.atEnd()).isFalse();
        assertThatThrownBy(body::requireEnd)
                .isInstanceOf(MalformedTensor.class)
                .hasMessage("it, byte 19: the body continues after its end");
        assertThatThrownBy(() -> body.read(new byte[2], "the rest"))
                .hasMessage("it, byte 20: the body ends in the middle of the rest");
    }

    @Test
    void hasSectionsThatEnd() throws IOException {
        BinaryBody body = body(100);
        body.skip(3, "a header");
        try (InputStream section = body.section(70, "a section")) {
            assertThat(section.read()).isEqualTo(3);
            byte[] rest = section.readAllBytes();
            assertThat(rest).hasSize(69).startsWith(4).endsWith(72);
            assertThat(section.read()).isEqualTo(-1);
        }
        assertThat(body.offset()).isEqualTo(73);
        try (InputStream section = body.section(28, "a section")) {
            assertThatThrownBy(section::readAllBytes)
                    .isInstanceOf(MalformedTensor.class)
                    .hasMessage("it, byte 100: the body ends in the middle of a section");
        }
    }

    @Test
    void readsBytesAsUnsigned() throws IOException {
        BinaryBody body =
                new BinaryBody(new ByteArrayInputStream(new byte[] {(byte) 0xFF}), "it", 1);
        try (InputStream section = body.section(1, "a section")) {
            assertThat(section.read()).isEqualTo(0xFF);
        }
    }
}
