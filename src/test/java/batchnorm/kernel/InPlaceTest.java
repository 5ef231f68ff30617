package batchnorm.kernel;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.function.BiConsumer;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/// An output may share the array of an input.
class InPlaceTest {
    private static final int N = 9;
    private static final int C = 5;

    private final Kernel kernel = new VectorKernel(1);

    @ParameterizedTest
    @ValueSource(ints = {1, 3, 16, 17, 49, 100})
    void normalizes(int inner) {
        Batch batch = Batch.random(N, C, inner, 1, 1);
        double[] a = batch.parameters(0);
        double[] b = batch.parameters(2);
        assertSameWide(
                batch.x(),
                (x, y) ->
                        kernel.normalize(
                                Batch.array(N, C, inner, x),
                                new AffineMap(a, b, a),
                                Batch.array(N, C, inner, y)));
        assertSameNarrow(
                batch.x(),
                (x, y) ->
                        kernel.normalize(
                                Batch.array(N, C, inner, x),
                                new AffineMap(a, b, a),
                                Batch.array(N, C, inner, y)));
    }

    @ParameterizedTest
    @ValueSource(ints = {1, 3, 16, 17, 49, 100})
    void writesGradientsOverGradients(int inner) {
        Batch batch = Batch.random(N, C, inner, 1, 1);
        double[] a = batch.parameters(0);
        double[] b = batch.parameters(2);
        double[] x = batch.x();
        float[] narrowX = Batch.floats(x);
        assertSameWide(
                batch.dy(),
                (dy, dx) ->
                        kernel.inputGradient(
                                Batch.array(N, C, inner, dy),
                                Batch.array(N, C, inner, x),
                                new GradientMap(a, b, a, b),
                                Batch.array(N, C, inner, dx)));
        assertSameNarrow(
                batch.dy(),
                (dy, dx) ->
                        kernel.inputGradient(
                                Batch.array(N, C, inner, dy),
                                Batch.array(N, C, inner, narrowX),
                                new GradientMap(a, b, a, b),
                                Batch.array(N, C, inner, dx)));
    }

    @ParameterizedTest
    @ValueSource(ints = {1, 3, 16, 17, 49, 100})
    void writesGradientsOverInputs(int inner) {
        Batch batch = Batch.random(N, C, inner, 1, 1);
        double[] a = batch.parameters(0);
        double[] b = batch.parameters(2);
        double[] dy = batch.dy();
        float[] narrowDy = Batch.floats(dy);
        assertSameWide(
                batch.x(),
                (x, dx) ->
                        kernel.inputGradient(
                                Batch.array(N, C, inner, dy),
                                Batch.array(N, C, inner, x),
                                new GradientMap(a, b, a, b),
                                Batch.array(N, C, inner, dx)));
        assertSameNarrow(
                batch.x(),
                (x, dx) ->
                        kernel.inputGradient(
                                Batch.array(N, C, inner, narrowDy),
                                Batch.array(N, C, inner, x),
                                new GradientMap(a, b, a, b),
                                Batch.array(N, C, inner, dx)));
    }

    private static void assertSameWide(double[] input, BiConsumer<double[], double[]> pass) {
        double[] apart = new double[input.length];
        double[] over = input.clone();
        pass.accept(over, apart);
        pass.accept(over, over);
        assertThat(over).isEqualTo(apart);
    }

    private static void assertSameNarrow(double[] input, BiConsumer<float[], float[]> pass) {
        float[] apart = new float[input.length];
        float[] over = Batch.floats(input);
        pass.accept(over, apart);
        pass.accept(over, over);
        assertThat(over).isEqualTo(apart);
    }
}
