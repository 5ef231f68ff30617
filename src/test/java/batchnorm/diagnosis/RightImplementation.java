package batchnorm.diagnosis;

import batchnorm.kernel.Kernel;
import batchnorm.normalization.BatchNormalization;
import batchnorm.normalization.BatchPass;
import batchnorm.normalization.BatchStatistics;
import batchnorm.normalization.Config;
import batchnorm.normalization.Convention;
import batchnorm.normalization.ForwardPass.Mode;
import batchnorm.normalization.Gradients;
import batchnorm.normalization.Parameters;
import batchnorm.normalization.RunningStatistics;
import batchnorm.tensor.Shape;
import batchnorm.tensor.Tensor;
import java.util.Arrays;
import java.util.Random;

/// The operator of this service, which other tests compare with the frameworks themselves.
final class RightImplementation {
    private final BatchNormalization operator;
    private final Convention convention;
    private final Config config;
    private final Tensor input;
    private final double[] gamma;
    private final double[] beta;
    private final RunningStatistics running;

    RightImplementation(Convention convention, Shape shape, Random random) {
        this(convention, shape, random, 0);
    }

    /// @param batches that the running statistics have counted
    RightImplementation(Convention convention, Shape shape, Random random, long batches) {
        this(
                new BatchNormalization(Kernel.fastest()),
                convention,
                Tensor.of(shape, gaussians(random, shape.elements())),
                gaussians(random, channels(convention, shape)),
                gaussians(random, channels(convention, shape)),
                batches);
    }

    RightImplementation(
            BatchNormalization operator,
            Convention convention,
            Tensor input,
            double[] gamma,
            double[] beta,
            long batches) {
        this.operator = operator;
        this.convention = convention;
        this.input = input;
        this.gamma = gamma;
        this.beta = beta;
        config = convention.config();
        double[] mean = Arrays.stream(beta).map(value -> 0.2 - value).toArray();
        double[] variance = Arrays.stream(gamma).map(value -> 0.1 + value * value).toArray();
        running = new RunningStatistics(mean, variance, batches);
    }

    private static int channels(Convention convention, Shape shape) {
        return convention.config().layout(shape).channels();
    }

    private static double[] gaussians(Random random, int length) {
        double[] numbers = new double[length];
        Arrays.setAll(numbers, _ -> 0.4 + 1.5 * random.nextGaussian());
        return numbers;
    }

    /// @param named whether the evidence names the convention; the running statistics then are
    ///   those of a new layer
    @SuppressWarnings("NullAway") // it does not read annotated arrays of compiled records
    Evidence evidence(Mode mode, boolean named) {
        boolean tracks = config.trackRunningStats();
        RunningStatistics before =
                named ? RunningStatistics.initial(config, gamma.length) : running;
        Parameters parameters = new Parameters(gamma, beta);
        BatchStatistics batch = operator.statistics(input, config);
        BatchPass pass =
                mode == Mode.TRAIN || !tracks
                        ? operator.train(input, batch, parameters, config)
                        : operator.infer(input, before, parameters, config);
        RunningStatistics after = mode == Mode.TRAIN ? before.updated(batch, config) : before;
        Tensor gradOutput = gradient();
        Gradients gradients = operator.backward(pass, gradOutput);
        boolean known = tracks && !(named && mode == Mode.TRAIN);
        return new Evidence(
                input,
                null,
                operator.output(pass),
                gamma,
                beta,
                named ? null : (Double) config.epsilon(),
                known ? before.mean() : null,
                known ? before.variance() : null,
                tracks ? after.mean() : null,
                tracks ? after.variance() : null,
                named ? null : config.momentum().value(),
                gradOutput,
                gradients.input(),
                gradients.gamma(),
                gradients.beta(),
                mode,
                named ? convention : null);
    }

    private Tensor gradient() {
        double[] values = input.toDoubles().clone();
        for (int i = 0; i < values.length; i++) {
            values[i] = Math.sin(3 * i + values[i]);
        }
        return Tensor.of(input.shape(), values);
    }
}
