package batchnorm.codec;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import org.junit.jupiter.api.Test;

class NumberFuzzTest {

    @Test
    void readsAndWritesNumbersAsTheJdkDoes() throws IOException {
        long seed = System.nanoTime();
        System.out.println("seed " + seed);
        assertThat(new NumberFuzz(seed).run(10_000)).isEqualTo(70_000);
    }
}
