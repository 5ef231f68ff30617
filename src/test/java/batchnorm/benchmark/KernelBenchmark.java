package batchnorm.benchmark;

import batchnorm.kernel.VectorKernel;
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
import org.openjdk.jmh.annotations.Warmup;
import org.openjdk.jmh.runner.Runner;
import org.openjdk.jmh.runner.RunnerException;
import org.openjdk.jmh.runner.options.OptionsBuilder;

/// Microseconds for a pass over ResNet-50's activations at four images (oneDNN's list) and three
/// dense ones, compared with a plain copy. The setup checks each result against the scalar kernel,
/// bit for bit. `examples/benchmarks/kernel_against_torch.py` compares with PyTorch, alternately.
@State(Scope.Benchmark)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.MICROSECONDS)
@Fork(
        value = 1,
        jvmArgsAppend = {"--add-modules=jdk.incubator.vector", "-XX:+UseParallelGC", "-Xmn1g"})
@Warmup(iterations = 3, time = 1)
@Measurement(iterations = 5, time = 1)
public class KernelBenchmark {
    @Param({
        "4x64x112x112",
        "4x256x56x56",
        "4x64x56x56",
        "4x512x28x28",
        "4x128x28x28",
        "4x1024x14x14",
        "4x256x14x14",
        "4x2048x7x7",
        "4x512x7x7",
        "64x256",
        "256x1024",
        "8192x512"
    })
    String shape = "64x256";

    @Param({"1", "2"})
    int threads = 1;

    @Param({"kept", "fresh"})
    String output = "kept";

    private VectorKernel kernel = new VectorKernel(1);
    private KernelWork work = new KernelWork(1, 1, 2, true);

    @Setup
    public void prepare() {
        int[] sizes = Arrays.stream(shape.split("x", -1)).mapToInt(Integer::parseInt).toArray();
        int inner = Arrays.stream(sizes).skip(2).reduce(1, (a, b) -> a * b);
        kernel = new VectorKernel(threads);
        work = new KernelWork(sizes[0], sizes[1], inner, output.equals("fresh")).checked(kernel);
    }

    @Benchmark
    public float[] train() {
        return work.train(kernel);
    }

    @Benchmark
    public float[] infer() {
        return work.infer(kernel);
    }

    @Benchmark
    public float[] backward() {
        return work.backward(kernel);
    }

    @Benchmark
    public float[] copy() {
        return work.copy();
    }

    public static void main(String[] arguments) throws RunnerException {
        new Runner(new OptionsBuilder().include(KernelBenchmark.class.getSimpleName()).build())
                .run();
    }
}
