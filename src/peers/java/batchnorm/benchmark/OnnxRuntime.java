package batchnorm.benchmark;

import ai.onnxruntime.OnnxTensor;
import ai.onnxruntime.OrtEnvironment;
import ai.onnxruntime.OrtException;
import ai.onnxruntime.OrtSession;
import java.nio.FloatBuffer;
import java.util.Map;

/// ONNX Runtime on a model of one BatchNormalization.
final class OnnxRuntime implements Peer {
    private final OrtEnvironment environment = OrtEnvironment.getEnvironment();
    private final InferenceCase given;
    private final OrtSession session;

    OnnxRuntime(InferenceCase given) throws OrtException {
        this.given = given;
        session = environment.createSession(OnnxModel.batchNormalization(given));
    }

    @Override
    public float[] infer() throws OrtException {
        try (OnnxTensor x =
                        OnnxTensor.createTensor(
                                environment, FloatBuffer.wrap(given.x), given.shape());
                OrtSession.Result result = session.run(Map.of("x", x));
                OnnxTensor y = (OnnxTensor) result.get(0)) {
            float[] values = new float[given.x.length];
            y.getFloatBuffer().get(values);
            return values;
        }
    }

    @Override
    public void end() throws OrtException {
        session.close();
    }
}
