package batchnorm.benchmark;

import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;

/// ND4J with its native backend.
final class Nd4jNative implements Peer {
    private final InferenceCase given;
    private final INDArray gamma;
    private final INDArray beta;
    private final INDArray mean;
    private final INDArray variance;

    Nd4jNative(InferenceCase given) {
        this.given = given;
        gamma = vector(given.gamma);
        beta = vector(given.beta);
        mean = vector(given.mean);
        variance = vector(given.variance);
    }

    private static INDArray vector(float[] values) {
        return Nd4j.create(values, new long[] {values.length}, DataType.FLOAT);
    }

    @Override
    public float[] infer() {
        try (INDArray x = Nd4j.create(given.x, given.shape(), DataType.FLOAT);
                INDArray y =
                        Nd4j.nn()
                                .batchNorm(
                                        x, mean, variance, gamma, beta, InferenceCase.EPSILON, 1)) {
            return y.data().asFloat();
        }
    }
}
