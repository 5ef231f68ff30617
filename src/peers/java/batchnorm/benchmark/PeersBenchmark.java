package batchnorm.benchmark;

import java.util.Arrays;
import java.util.concurrent.TimeUnit;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Fork;
import org.openjdk.jmh.annotations.Measurement;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.TearDown;
import org.openjdk.jmh.annotations.Warmup;

/// Microseconds for inference with the alternatives of a Java program: DJL with its PyTorch engine,
/// ONNX Runtime, ND4J. Input and output are `float[]`; libraries with off-heap tensors copy in both
/// directions. The setup checks every library's output against this project's.
@State(Scope.Benchmark)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.MICROSECONDS)
@Fork(value = 1, jvmArgsAppend = "--enable-native-access=ALL-UNNAMED")
@Warmup(iterations = 3, time = 1)
@Measurement(iterations = 5, time = 1)
public class PeersBenchmark {
    private static final float TOLERANCE = 1e-5f;

    /// The libraries compared.
    public enum Library {
        /// This project's kernel.
        OURS,
        /// DJL with PyTorch.
        DJL,
        /// ONNX Runtime.
        ONNX_RUNTIME,
        /// ND4J with its native backend.
        ND4J
    }

    @Param Library library = Library.OURS;

    @Param({"4x8x1", "64x256x1", "8192x512x1", "4x512x784"})
    String shape = "64x256x1";

    private Peer peer = new Ours(new InferenceCase(1, 1, 1));

    @Setup
    public void prepare() throws Exception {
        int[] sizes = Arrays.stream(shape.split("x", -1)).mapToInt(Integer::parseInt).toArray();
        InferenceCase given = new InferenceCase(sizes[0], sizes[1], sizes[2]);
        peer =
                switch (library) {
                    case OURS -> new Ours(given);
                    case DJL -> new Djl(given);
                    case ONNX_RUNTIME -> new OnnxRuntime(given);
                    case ND4J -> new Nd4jNative(given);
                };
        float[] expected = new Ours(given).infer();
        float[] actual = peer.infer();
        for (int i = 0; i < expected.length; i++) {
            float difference = Math.abs(actual[i] - expected[i]);
            if (!(difference <= TOLERANCE * Math.max(1, Math.abs(expected[i])))) {
                throw new IllegalStateException(
                        library + " answers " + actual[i] + " for " + expected[i]);
            }
        }
    }

    @Benchmark
    public float[] infer() throws Exception {
        return peer.infer();
    }

    @TearDown
    public void end() throws Exception {
        peer.end();
    }
}
