package batchnorm.benchmark;

import batchnorm.diagnosis.Diagnosis;
import batchnorm.diagnosis.Evidence;
import batchnorm.kernel.Kernel;
import batchnorm.normalization.BatchNormalization;
import batchnorm.normalization.BatchStatistics;
import batchnorm.normalization.Config;
import batchnorm.normalization.Convention;
import batchnorm.normalization.Parameters;
import batchnorm.tensor.Shape;
import batchnorm.tensor.Tensor;
import java.util.SplittableRandom;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
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

/// The time of a diagnosis beside one forward pass over the same batch. The setup checks the
/// diagnoses.
@State(Scope.Benchmark)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.MICROSECONDS)
@Fork(1)
@Warmup(iterations = 5, time = 1)
@Measurement(iterations = 5, time = 1)
public class DiagnosisBenchmark {
    private static final Config CONFIG = Convention.PYTORCH.config();
    private static final double EPSILON = CONFIG.epsilon();

    @Param({"64x256", "4096x256"})
    String shape = "64x256";

    private final BatchNormalization operator = new BatchNormalization(Kernel.fastest());
    private Tensor input = Tensor.of(Shape.of(0), new double[0]);
    private double[] gamma = {};
    private double[] beta = {};
    private Evidence right = evidence(Tensor.of(Shape.of(1, 1), 1.0));
    private Evidence wrong = right;
    private Evidence unexplained = right;

    @Setup
    public void setUp() {
        String[] dimensions = shape.split("x");
        Shape batch = Shape.of(Integer.parseInt(dimensions[0]), Integer.parseInt(dimensions[1]));
        SplittableRandom random = new SplittableRandom(1);
        double[] values = random.doubles(batch.elements(), -2, 3).toArray();
        input = Tensor.of(batch, values);
        gamma = random.doubles(batch.dimension(1), 0.5, 2).toArray();
        beta = random.doubles(batch.dimension(1), -1, 1).toArray();
        double[] output = forward().toDoubles();
        right = evidence(Tensor.of(batch, output));
        BatchStatistics statistics = operator.statistics(input, CONFIG);
        double[] deviant = output.clone();
        int channels = batch.dimension(1);
        double bessel = batch.dimension(0) / (batch.dimension(0) - 1.0);
        for (int i = 0; i < deviant.length; i++) {
            int c = i % channels;
            double variance = statistics.variance()[c] * bessel;
            double xhat = (values[i] - statistics.mean()[c]) / Math.sqrt(variance + EPSILON);
            deviant[i] = gamma[c] * xhat + beta[c];
        }
        wrong = evidence(Tensor.of(batch, deviant));
        requireVerdict(right, "is right");
        requireVerdict(wrong, "unbiased");
        unexplained = evidence(Tensor.of(batch, random.doubles(values.length).toArray()));
        requireVerdict(unexplained, "not explained");
    }

    private static void requireVerdict(Evidence evidence, String part) {
        String verdict = Diagnosis.of(evidence).verdict();
        if (!verdict.contains(part)) {
            throw new IllegalStateException(verdict);
        }
    }

    private Evidence evidence(Tensor output) {
        return new Evidence(
                output.shape().rank() == input.shape().rank() ? input : output,
                null,
                output,
                vector(gamma),
                vector(beta),
                null,
                null,
                null,
                null,
                null,
                null,
                null,
                null,
                null,
                null,
                null,
                null);
    }

    private static double @Nullable [] vector(double[] values) {
        return values.length == 0 ? null : values;
    }

    @Benchmark
    public Tensor forward() {
        return operator.output(
                operator.train(
                        input,
                        operator.statistics(input, CONFIG),
                        new Parameters(gamma, beta),
                        CONFIG));
    }

    @Benchmark
    public Diagnosis diagnoseRight() {
        return Diagnosis.of(right);
    }

    @Benchmark
    public Diagnosis diagnoseWrong() {
        return Diagnosis.of(wrong);
    }

    @Benchmark
    public Diagnosis diagnoseUnexplained() {
        return Diagnosis.of(unexplained);
    }
}
