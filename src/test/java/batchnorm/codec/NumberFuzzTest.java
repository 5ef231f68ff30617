package batchnorm.codec;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class NumberFuzzTest {

    @Test
    void readsAndWritesNumbersAsTheJdkDoes() {
        long seed = System.nanoTime();
        System.out.println("seed " + seed);
        NumberFuzz fuzz = new NumberFuzz(seed);
        int numbers = 0;
        while (numbers < 100_000) {
            numbers += fuzz.run();
        }
        assertThat(numbers).isGreaterThanOrEqualTo(100_000);
    }
}
