package batchnorm.benchmark;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import ai.djl.nn.norm.BatchNorm;

/// Deep Java Library with its PyTorch engine.
final class Djl implements Peer {
    private static final float MOMENTUM = 0.1f;

    static {
        System.setProperty("ai.djl.offline", "true");
        System.setProperty("OPT_OUT_TRACKING", "true");
    }

    private final NDManager manager = NDManager.newBaseManager("PyTorch");
    private final InferenceCase given;
    private final NDArray gamma;
    private final NDArray beta;
    private final NDArray mean;
    private final NDArray variance;

    Djl(InferenceCase given) {
        this.given = given;
        gamma = manager.create(given.gamma);
        beta = manager.create(given.beta);
        mean = manager.create(given.mean);
        variance = manager.create(given.variance);
    }

    @Override
    public float[] infer() {
        try (NDManager call = manager.newSubManager();
                NDArray x = call.create(given.x, new Shape(given.shape()));
                NDArray y =
                        BatchNorm.batchNorm(
                                        x,
                                        mean,
                                        variance,
                                        gamma,
                                        beta,
                                        1,
                                        MOMENTUM,
                                        InferenceCase.EPSILON,
                                        false)
                                .singletonOrThrow()) {
            return y.toFloatArray();
        }
    }

    @Override
    public void end() {
        manager.close();
    }
}
