package batchnorm.tensor;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;

import batchnorm.fixtures.RandomSeed;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.SplittableRandom;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.junit.jupiter.api.Test;

class ArrayPoolTest {
    private static final int LENGTH = 5000;

    private final ArrayPool<float[]> arrays = new ArrayPool<>(float[]::new, array -> array.length);

    @Test
    void anArrayThatWasGivenIsTakenOnce() {
        float[] given = new float[LENGTH];
        arrays.release(given);
        assertThat(arrays.acquire(LENGTH)).isSameAs(given);
        assertThat(arrays.poll(LENGTH)).isNull();
        assertThat(arrays.acquire(LENGTH)).isNotSameAs(given).hasSize(LENGTH);
    }

    @Test
    void anotherLengthIsAnotherArray() {
        for (int length = LENGTH; length < LENGTH + 300; length++) {
            arrays.release(new float[length]);
        }
        for (int length = LENGTH; length < LENGTH + 300; length++) {
            assertThat(arrays.acquire(length)).hasSize(length);
        }
    }

    @Test
    void shortOnesAreNotKept() {
        for (int length : new int[] {ArrayPool.SHORTEST - 1, ArrayPool.SHORTEST}) {
            float[] given = new float[length];
            arrays.release(given);
            float[] found = arrays.poll(length);
            assertThat(found).isSameAs(length < ArrayPool.SHORTEST ? null : given);
        }
    }

    @Test
    void severalOfOneLengthWait() {
        giveAndTakeSeveral();
    }

    private void giveAndTakeSeveral() {
        float[][] given = new float[8][LENGTH];
        for (int i = 0; i < given.length; i++) {
            given[i][0] = i + 1; // distinguishes these from new arrays
            arrays.release(given[i]);
        }
        List<float[]> taken = new ArrayList<>();
        for (int i = 0; i < given.length; i++) {
            taken.add(arrays.acquire(LENGTH));
        }
        assertThat(taken).containsExactlyInAnyOrder(given);
        assertThat(arrays.poll(LENGTH)).isNull();
    }

    @Test
    void whatIsGoneMakesRoom() {
        for (int i = 0; i < 8; i++) {
            arrays.release(new float[LENGTH]);
        }
        System.gc();
        giveAndTakeSeveral();
    }

    @Test
    void nothingIsGivenTwice() {
        float[] given = new float[LENGTH];
        arrays.release(given);
        assertThatIllegalStateException().isThrownBy(() -> arrays.release(given));
    }

    /// Lengths no longer in use do not block the pool.
    @Test
    void theLastThatCameIsNeverTurnedAway() {
        List<float[]> held = new ArrayList<>(); // keeps them from being collected
        for (int length = LENGTH; length < LENGTH + 1000; length++) {
            float[] given = new float[length];
            held.add(given);
            arrays.release(given);
            assertThat(arrays.poll(length)).isSameAs(given);
            arrays.release(given);
        }
        assertThat(held).hasSize(1000);
    }

    @Test
    void thePoolDoesNotPreventCollection() {
        arrays.release(new float[LENGTH]);
        System.gc();
        assertThat(arrays.poll(LENGTH)).isNull();
    }

    /// An array never has two holders.
    @Test
    void twoNeverHoldTheSame() throws Exception {
        int threads = 4;
        try (ExecutorService executor = Executors.newFixedThreadPool(threads)) {
            List<Callable<Boolean>> holders = new ArrayList<>();
            for (int holder = 1; holder <= threads; holder++) {
                float mark = holder;
                holders.add(() -> holdsAlone(mark));
            }
            for (Future<Boolean> alone : executor.invokeAll(holders)) {
                assertThat(alone.get()).isTrue();
            }
        }
    }

    private boolean holdsAlone(float mark) {
        SplittableRandom random = RandomSeed.splittable((long) mark);
        for (int round = 0; round < 50_000; round++) {
            float[] array = arrays.acquire(LENGTH + random.nextInt(3));
            Arrays.fill(array, 0, 64, mark);
            for (int i = 0; i < 64; i++) {
                if (array[i] != mark) {
                    return false;
                }
            }
            arrays.release(array);
        }
        return true;
    }

    @Test
    void aTensorThatIsFreedIsReadNoMore() {
        Shape shape = Shape.of(LENGTH);
        for (Tensor tensor :
                new Tensor[] {
                    Tensor.of(shape, DataType.BF16, new float[LENGTH]),
                    Tensor.of(shape, new double[LENGTH])
                }) {
            tensor.free();
            assertThat(tensor.shape()).isEqualTo(shape);
            assertThatIllegalStateException().isThrownBy(() -> tensor.at(0));
            assertThatIllegalStateException().isThrownBy(tensor::toDoubles);
        }
    }

    @Test
    void aTensorThatIsFreedTwiceGivesItsArrayOnce() {
        int length = 5021; // used by no other test
        double[] doubles = new double[length];
        Tensor tensor = Tensor.of(Shape.of(length), doubles);
        tensor.free();
        tensor.free();
        assertThat(ArrayPool.DOUBLES.poll(length)).isSameAs(doubles);
        assertThat(ArrayPool.DOUBLES.poll(length)).isNull();
    }
}
