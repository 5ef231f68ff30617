package batchnorm.optimizer;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/// Three steps of eight parameters, one of which is 0, compared bit for bit with `torch.optim` of
/// PyTorch 2.13 in FP64 with `foreach=False`, on a CPU with AVX-512.
class OptimizerTest {
    private static final double[] START = {1, -2, .5, 3, 0, 1e-3, -7, 2.5};
    private static final double[][] GRADIENTS = {
        {.1, -.2, .3, .4, .5, -.6, .7, 1e-4},
        {.2, .2, -.1, .05, -.5, .6, 1.7, 2e-4},
        {-.1, .7, .3, -.4, .25, -.06, .07, -1e-4}
    };

    @Test
    void plainDescent() {
        assertThat(steps(new Sgd(.1, 0, 0, false, 0)))
                .containsExactly(
                        0.98,
                        -2.07,
                        0.44999999999999996,
                        2.995,
                        -0.025,
                        0.0069999999999999975,
                        -7.247,
                        2.49998);
    }

    @Test
    void momentum() {
        assertThat(steps(new Sgd(.1, .9, 0, false, 0)))
                .containsExactly(
                        0.9449,
                        -2.0538,
                        0.40769999999999995,
                        2.9221,
                        -0.0655,
                        0.05560000000000001,
                        -7.5197,
                        2.4999449);
    }

    @Test
    void momentumWithDecayAndDampening() {
        assertThat(steps(new Sgd(.05, .9, .01, false, .2)))
                .containsExactly(
                        0.97274671912,
                        -2.0110838382400003,
                        0.45371415756,
                        2.9504889565599997,
                        -0.039720004,
                        0.03906149071992,
                        -7.20917104504,
                        2.4936900605992);
    }

    @Test
    void nesterovsMomentum() {
        assertThat(steps(new Sgd(.1, .9, .001, true, 0)))
                .containsExactly(
                        0.9296227563872409,
                        -2.116823852774482,
                        0.3665549014788705,
                        2.922518711475823,
                        -0.0839165634295,
                        0.056099071354473146,
                        -7.708963222313287,
                        2.4979185252001663);
    }

    @Test
    void adam() {
        assertThat(steps(new Adam(.1, .9, .999, 1e-8, 0, false)))
                .containsExactly(
                        0.7614728861347055,
                        -1.9660216375579893,
                        0.2935560344491087,
                        2.8277665870930995,
                        -0.11220939322611993,
                        0.09618776141035136,
                        -7.269600243149744,
                        2.261491939376346);
    }

    @Test
    void adamWithDecay() {
        assertThat(steps(new Adam(.01, .8, .99, 1e-6, .1, false)))
                .containsExactly(
                        0.9727668996979733,
                        -1.986441944849712,
                        0.477299682119094,
                        2.975206508263259,
                        -0.01047380979813172,
                        0.009561802004987534,
                        -7.008851583123241,
                        2.470008377997688);
    }

    @Test
    void adamWithDecoupledDecay() {
        assertThat(steps(new Adam(.1, .9, .999, 1e-8, .02, true)))
                .containsExactly(
                        0.756077514487703,
                        -1.954434695222746,
                        0.2910416741465992,
                        2.810353607707504,
                        -0.11182031954969088,
                        0.0957926997246254,
                        -7.227095956687767,
                        2.247114503619416);
    }

    /// PyTorch interpolates from the other end where the new weight is above 1/2: a difference of a
    /// few ulps of the steps of order 0.01.
    @Test
    void adamWithAShortMemory() {
        assertThat(steps(new Adam(.01, .3, .9, 1e-8, 0, false)))
                .containsExactly(
                        new double[] {
                            0.9805614617934262,
                            -2.007144445411186,
                            0.4818677308254425,
                            2.992941573163975,
                            -0.0070686231671382455,
                            0.004622043683653947,
                            -7.025490915607853,
                            2.4805630343956615
                        },
                        within(1e-15));
    }

    @Test
    void momentumBeginsWithTheFirstGradientThatUsesIt() {
        Optimizer.Update plain = new Sgd(.1, 0, 0, false, 0).update(START, GRADIENTS[0], null);
        assertThat(plain.memory().first()).isNull();
        Optimizer.Update second =
                new Sgd(.1, .9, 0, false, .5)
                        .update(plain.parameter(), GRADIENTS[1], plain.memory());
        assertThat(second.memory().first()).containsExactly(GRADIENTS[1]);
        assertThat(second.memory().steps()).isEqualTo(2);
    }

    @Test
    void writesNeitherParameterNorGradientNorMemory() {
        Adam adam = new Adam(.1, .9, .999, 1e-8, .1, false);
        double[] parameter = START.clone();
        double[] gradient = GRADIENTS[0].clone();
        Memory memory = adam.update(parameter, gradient, null).memory();
        adam.update(parameter, gradient, memory);
        assertThat(parameter).containsExactly(START);
        assertThat(gradient).containsExactly(GRADIENTS[0]);
        assertThat(memory.steps()).isEqualTo(1);
    }

    @ParameterizedTest
    @CsvSource({
        "-0.1, 0, 0, learning_rate",
        "NaN, 0, 0, learning_rate",
        "Infinity, 0, 0, learning_rate",
        "0.1, -1, 0, momentum",
        "0.1, 0, -1, weight_decay"
    })
    void refusesWhatNoDescentCanHave(double rate, double momentum, double decay, String field) {
        assertThatThrownBy(() -> new Sgd(rate, momentum, decay, false, 0))
                .isInstanceOf(InvalidOptimizer.class)
                .hasMessageContaining(field);
    }

    @Test
    void refusesWhatNoAdamCanHaveAndNesterovWithoutMomentum() {
        assertThatThrownBy(() -> new Adam(.1, 1, .9, 0, 0, false)).hasMessageContaining("beta1");
        assertThatThrownBy(() -> new Adam(.1, .9, -.1, 0, 0, false)).hasMessageContaining("beta2");
        assertThatThrownBy(() -> new Adam(.1, .9, .9, -1, 0, false))
                .hasMessageContaining("epsilon");
        assertThatThrownBy(() -> new Sgd(.1, 0, 0, true, 0)).hasMessageContaining("nesterov");
        assertThatThrownBy(() -> new Sgd(.1, .9, 0, true, .1)).hasMessageContaining("nesterov");
    }

    private static double[] steps(Optimizer optimizer) {
        double[] parameter = START;
        Memory memory = null;
        for (double[] gradient : GRADIENTS) {
            Optimizer.Update update = optimizer.update(parameter, gradient, memory);
            parameter = update.parameter();
            memory = update.memory();
        }
        return parameter;
    }
}
