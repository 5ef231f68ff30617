package batchnorm.kernel;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/// SIMD returns the bits of the reference, whatever the lanes and the threads.
class SameBitsTest {
    private static final int[] LENGTHS = {0, 1, 2, 3, 7, 8, 15, 16, 17, 31, 32, 33, 49};
    private static final Kernel REFERENCE = new ScalarKernel();

    @ParameterizedTest
    @ValueSource(
            ints = {
                0, 1, 2, 3, 7, 8, 9, 15, 16, 17, 24, 25, 31, 32, 33, 49, 2047, 2048, 2049, 4113
            })
    void atLengthsAroundTheLanes(int inner) {
        Kernel vector = new VectorKernel(1);
        long stream = 1;
        for (int outer : inner > 100 ? new int[] {1, 2, 3} : LENGTHS) {
            for (int channels : inner > 100 ? new int[] {1, 3} : LENGTHS) {
                assertSameBits(vector, Batch.random(outer, channels, inner, 3, stream++));
            }
        }
    }

    @Test
    void whereRowsFillSeveralBlocks() {
        Kernel vector = new VectorKernel(1);
        long stream = 1;
        for (int inner : new int[] {1, 2, 3, 16, 17, 49}) {
            int rows = Blocks.BLOCK / inner;
            for (int outer : new int[] {rows - 1, rows, rows + 1, 2 * rows + 5}) {
                for (int channels : new int[] {1, 3, 17}) {
                    assertSameBits(vector, Batch.random(outer, channels, inner, -40, stream++));
                }
            }
        }
    }

    @ParameterizedTest
    @ValueSource(ints = {1, 2, 3, 4})
    void withAnyNumberOfThreads(int threads) {
        Kernel vector = new VectorKernel(threads);
        for (Batch batch : large()) {
            assertSameBits(vector, batch);
        }
    }

    @Test
    void whereGradientsAreTooLargeForFactorsInFp32() {
        Batch batch = Batch.random(3, 5, 50, 1, 8);
        double[] dy = Arrays.stream(batch.dy()).map(d -> (float) (d * 0x1p110 + 0x1p110)).toArray();
        assertSameBits(new VectorKernel(1), new Batch(3, 5, 50, batch.x(), dy, 8));
    }

    private static List<Batch> large() {
        List<Batch> batches = new ArrayList<>();
        batches.add(Batch.random(5, 33, 2049, 7, 1));
        batches.add(Batch.random(2, 3, 50_021, 7, 2));
        batches.add(Batch.random(4200, 65, 1, 7, 3));
        batches.add(Batch.random(70_001, 3, 1, 7, 4));
        batches.add(Batch.random(300, 151, 3, 7, 5));
        batches.add(Batch.random(4, 700, 49, 7, 6));
        batches.add(Batch.random(2, 70_001, 1, 7, 7));
        return batches;
    }

    private static void assertSameBits(Kernel kernel, Batch batch) {
        Results.wide(kernel, batch).assertSameBits(Results.wide(REFERENCE, batch), "FP64 " + batch);
        Results.narrow(kernel, batch)
                .assertSameBits(Results.narrow(REFERENCE, batch), "FP32 " + batch);
    }
}
