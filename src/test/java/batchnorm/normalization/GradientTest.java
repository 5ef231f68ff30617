package batchnorm.normalization;

import static batchnorm.fixtures.RandomArrays.gaussian;
import static org.assertj.core.api.Assertions.assertThat;

import batchnorm.fixtures.Configs;
import batchnorm.fixtures.RandomSeed;
import batchnorm.kernel.Kernel;
import batchnorm.normalization.ForwardPass.Mode;
import batchnorm.tensor.ChannelLayout;
import batchnorm.tensor.Shape;
import batchnorm.tensor.Tensor;
import java.util.Objects;
import java.util.Random;
import java.util.function.DoubleUnaryOperator;
import java.util.function.ToDoubleFunction;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/// Gradients against central differences of the forward itself, for the loss `Σ y·w` with random
/// `w`.
///
/// The step `h = 1e-5` leaves a truncation error of order `h²·y'''` (about 1e-9 here, where inputs
/// are of order 1 and variances at least 0.1) and a rounding error of `2^-53/h` (1e-11) times the
/// terms summed: 1e-7 relative to the largest gradient bounds both with room.
class GradientTest {
    private static final double STEP = 1e-5;
    private static final double TOLERANCE = 1e-7;
    private final BatchNormalization operator = new BatchNormalization(Kernel.fastest());

    @ParameterizedTest
    @CsvSource({
        "TRAIN, 1, SPATIAL",
        "TRAIN, -1, SPATIAL",
        "TRAIN, 0, SPATIAL",
        "TRAIN, 1, PER_ACTIVATION",
        "INFER, 1, SPATIAL",
        "INFER, 2, SPATIAL",
        "INFER, 1, PER_ACTIVATION"
    })
    void areTheDerivativesOfTheForward(Mode mode, int axis, Knob.ReductionScope scope) {
        Random random = RandomSeed.random(axis);
        Config config = Configs.laidOut(scope, axis);
        Shape shape = Shape.of(5, 3, 4);
        ChannelLayout layout = config.layout(shape);
        double[] x = gaussian(random, shape.elements());
        double[] w = gaussian(random, shape.elements());
        double[] gamma = gaussian(random, layout.channels());
        double[] beta = gaussian(random, layout.channels());
        double[] mean = gaussian(random, layout.channels());
        double[] variance = gaussian(random, layout.channels());
        for (int c = 0; c < variance.length; c++) {
            variance[c] = 0.5 + variance[c] * variance[c];
        }
        RunningStatistics running = new RunningStatistics(mean, variance, 1);

        Gradients got =
                operator.backward(
                        pass(mode, Tensor.of(shape, x), running, gamma, beta, config),
                        Tensor.of(shape, w));

        ToDoubleFunction<double[]> ofInput =
                v -> loss(pass(mode, Tensor.of(shape, v), running, gamma, beta, config), w);
        check("grad_input", got.input().toDoubles(), differences(ofInput, x));
        ToDoubleFunction<double[]> ofGamma =
                v -> loss(pass(mode, Tensor.of(shape, x), running, v, beta, config), w);
        check("grad_gamma", Objects.requireNonNull(got.gamma()), differences(ofGamma, gamma));
        ToDoubleFunction<double[]> ofBeta =
                v -> loss(pass(mode, Tensor.of(shape, x), running, gamma, v, config), w);
        check("grad_beta", Objects.requireNonNull(got.beta()), differences(ofBeta, beta));
    }

    private ForwardPass pass(
            Mode mode,
            Tensor input,
            RunningStatistics running,
            double[] gamma,
            double[] beta,
            Config config) {
        Parameters parameters = new Parameters(gamma, beta);
        return mode == Mode.TRAIN
                ? operator.train(input, operator.statistics(input, config), parameters, config)
                : operator.infer(input, running, parameters, config);
    }

    private double loss(ForwardPass pass, double[] w) {
        double[] y = operator.output(pass).toDoubles();
        double loss = 0;
        for (int i = 0; i < y.length; i++) {
            loss += y[i] * w[i];
        }
        return loss;
    }

    private static double[] differences(ToDoubleFunction<double[]> loss, double[] at) {
        double[] gradient = new double[at.length];
        for (int i = 0; i < at.length; i++) {
            int element = i;
            DoubleUnaryOperator along =
                    step -> {
                        double[] moved = at.clone();
                        moved[element] += step;
                        return loss.applyAsDouble(moved);
                    };
            gradient[i] = (along.applyAsDouble(STEP) - along.applyAsDouble(-STEP)) / (2 * STEP);
        }
        return gradient;
    }

    private static void check(String name, double[] analytic, double[] numeric) {
        double largest = 0;
        double worst = 0;
        for (int i = 0; i < numeric.length; i++) {
            largest = Math.max(largest, Math.abs(numeric[i]));
            worst = Math.max(worst, Math.abs(analytic[i] - numeric[i]));
        }
        assertThat(worst / largest).as(name).isLessThan(TOLERANCE);
    }
}
