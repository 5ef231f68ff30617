package batchnorm.normalization;

import static org.assertj.core.api.Assertions.assertThat;

import batchnorm.kernel.ScalarKernel;
import batchnorm.tensor.Shape;
import batchnorm.tensor.Tensor;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

/// The memory of a pass, counted by hand for 4 samples of 3 channels: gamma, beta, center and
/// inverse deviation of every channel, and the additional vectors of each variant.
class BatchPassTest {
    private static final Config PYTORCH = Convention.PYTORCH.config();
    private static final Parameters PARAMETERS = Parameters.initial(PYTORCH, 3);
    private static final RunningStatistics RUNNING = RunningStatistics.initial(PYTORCH, 3);
    private static final Tensor DOUBLES =
            Tensor.of(Shape.of(4, 3), 1.0, -2, .5, 3, 4, -1, 5, 6, 2, -2, 1, 7);
    private static final Tensor FLOATS = Tensor.of(Shape.of(4, 3), new float[12]);
    private final BatchNormalization operator = new BatchNormalization(new ScalarKernel());

    @Test
    void ofAPlainBatchKeepsFourVectors() {
        assertThat(train(DOUBLES, null, Variant.PLAIN).bytes()).isEqualTo(8 * 12 + 8 * 3 * 4);
        assertThat(train(FLOATS, null, Variant.PLAIN).bytes()).isEqualTo(4 * 12 + 8 * 3 * 4);
        assertThat(operator.infer(DOUBLES, RUNNING, PARAMETERS, PYTORCH).bytes())
                .isEqualTo(8 * 12 + 8 * 3 * 4);
    }

    @Test
    void ofABlendKeepsTheBatchsMeanToo() {
        assertThat(operator.adapt(DOUBLES, RUNNING, 0.5, PARAMETERS, PYTORCH).bytes())
                .isEqualTo(8 * 12 + 8 * 3 * 5);
    }

    @Test
    void ofBatchRenormKeepsItsFactorsAndAddends() {
        Variant renorm = new Variant(false, false, 0, null, new Renorm(3, 5));
        assertThat(train(DOUBLES, null, renorm).bytes()).isEqualTo(8 * 12 + 8 * 3 * 6);
    }

    @Test
    void ofAWeightedBatchKeepsAWeightForEachPosition() {
        Weights weights = new Weights(new double[] {1, 0, 2, 1});
        assertThat(train(DOUBLES, weights, Variant.PLAIN).bytes())
                .isEqualTo(8 * 12 + 8 * 3 * 4 + 8 * 4);
    }

    @Test
    void ofVirtualBatchesKeepsWhatEachOfThemDoes() {
        ForwardPass pass = train(DOUBLES, null, new Variant(false, false, 0, 3, null));
        assertThat(pass.channels()).isEqualTo(3);
        assertThat(pass.bytes()).isEqualTo(8 * 12 + 2 * 8 * 3 * 4);
    }

    private ForwardPass train(Tensor input, @Nullable Weights weights, Variant variant) {
        // A last virtual batch of one sample is not rejected here.
        Config config = Convention.KERAS.config().with(variant);
        TrainingBatch batch = TrainingBatch.of(input, weights, config);
        return operator.train(batch, PARAMETERS, RUNNING, config).forward();
    }
}
