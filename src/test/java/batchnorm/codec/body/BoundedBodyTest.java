package batchnorm.codec.body;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import batchnorm.codec.BodyTooLarge;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import org.junit.jupiter.api.Test;

class BoundedBodyTest {
    private static InputStream body(int size, long limit) {
        return BoundedBody.of(new ByteArrayInputStream(new byte[size]), -1, limit);
    }

    @Test
    void endsWhereItsBytesEnd() throws IOException {
        try (InputStream body = body(3, 3)) {
            assertThat(body.read()).isZero();
            assertThat(body.readAllBytes()).hasSize(2);
            assertThat(body.read()).isEqualTo(-1);
            assertThat(body.read(new byte[5])).isEqualTo(-1);
        }
    }

    @Test
    void isRefusedByWhatItAnnounces() {
        InputStream none = InputStream.nullInputStream();
        assertThat(BoundedBody.of(none, 3, 3)).isNotNull();
        assertThatThrownBy(() -> BoundedBody.of(none, 4, 3))
                .isInstanceOf(BodyTooLarge.class)
                .hasMessageContaining("the limit of 3 bytes");
    }

    @Test
    void isRefusedWhenItRunsPastItsLimit() throws IOException {
        try (InputStream one = body(4, 3);
                InputStream many = body(4, 3);
                InputStream skipped = body(4, 3)) {
            assertThat(one.skip(3)).isEqualTo(3);
            assertThatThrownBy(one::read).isInstanceOf(BodyTooLarge.class);
            assertThatThrownBy(() -> many.read(new byte[8])).isInstanceOf(BodyTooLarge.class);
            assertThatThrownBy(() -> skipped.skip(4)).isInstanceOf(BodyTooLarge.class);
        }
    }
}
