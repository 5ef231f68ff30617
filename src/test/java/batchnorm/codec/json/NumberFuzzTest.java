package batchnorm.codec.json;

import static org.assertj.core.api.Assertions.assertThat;

import batchnorm.fixtures.RandomSeed;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

@Tag("fuzz")
class NumberFuzzTest {

    @Test
    void readsAndWritesNumbersAsTheJdkDoes() {
        NumberFuzz fuzz = new NumberFuzz(RandomSeed.seed(1));
        int numbers = 0;
        while (numbers < 100_000) {
            numbers += fuzz.run();
        }
        assertThat(numbers).isGreaterThanOrEqualTo(100_000);
    }
}
