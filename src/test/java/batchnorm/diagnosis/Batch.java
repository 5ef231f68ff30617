package batchnorm.diagnosis;

import batchnorm.normalization.Convention;
import batchnorm.normalization.ForwardPass.Mode;
import batchnorm.tensor.Shape;
import batchnorm.tensor.Tensor;
import java.util.HashMap;
import java.util.Map;
import java.util.Objects;
import java.util.Random;
import java.util.function.IntToDoubleFunction;
import org.jspecify.annotations.Nullable;

/// A random batch `[samples, channels, places]` and what an implementation makes of it. The wrong
/// implementations of the tests set its fields.
final class Batch {
    final Random random;
    final Shape shape;
    final int samples;
    final int channels;
    final int places;
    final double[] x;
    final double[] otherX;
    final double[] gamma;
    final double[] beta;
    final double[] meanBefore;
    final double[] varBefore;
    final double[] dy;
    private final Map<Integer, Double> means = new HashMap<>();
    private final Map<Integer, Double> variances = new HashMap<>();
    double epsilon = 1e-5;
    double momentum = 0.1;
    double @Nullable [] y;
    double @Nullable [] meanAfter;
    double @Nullable [] varAfter;
    double @Nullable [] dx;
    double @Nullable [] dgamma;
    double @Nullable [] dbeta;
    @Nullable Mode mode = Mode.TRAIN;
    @Nullable Convention convention;
    boolean withEpsilon = true;
    boolean withMomentum = true;
    boolean withOther;

    Batch(Random random) {
        this(random, shape(random));
    }

    Batch(Random random, Shape shape) {
        this.random = random;
        this.shape = shape;
        samples = shape.dimension(0);
        channels = shape.dimension(1);
        places = shape.elements() / samples / channels;
        gamma = numbers(channels, _ -> sign() * (0.4 + 2 * random.nextDouble()));
        beta = numbers(channels, _ -> sign() * (0.1 + random.nextDouble()));
        meanBefore = numbers(channels, _ -> 0.2 + random.nextGaussian());
        varBefore = numbers(channels, _ -> 0.3 + 2 * random.nextDouble());
        double[] centers = numbers(channels, _ -> 0.5 + 2 * random.nextGaussian());
        double[] deviations = numbers(channels, _ -> 0.3 + 2 * random.nextDouble());
        x = numbers(shape.elements(), i -> drawn(centers, deviations, i));
        otherX = numbers(shape.elements(), i -> 1 + 2 * drawn(centers, deviations, i));
        dy = numbers(shape.elements(), _ -> 0.3 + random.nextGaussian());
    }

    private static Shape shape(Random random) {
        int samples = 3 + random.nextInt(7);
        int channels = 2 + random.nextInt(5);
        return switch (random.nextInt(3)) {
            case 0 -> Shape.of(samples, channels);
            case 1 -> Shape.of(samples, channels, 2 + random.nextInt(6));
            default -> Shape.of(samples, channels, 2 + random.nextInt(3), 2 + random.nextInt(3));
        };
    }

    private double drawn(double[] centers, double[] deviations, int index) {
        int c = channel(index);
        return centers[c] + deviations[c] * random.nextGaussian();
    }

    private double sign() {
        return random.nextBoolean() ? 1 : -1;
    }

    double[] numbers(int length, IntToDoubleFunction number) {
        double[] numbers = new double[length];
        for (int i = 0; i < length; i++) {
            numbers[i] = number.applyAsDouble(i);
        }
        return numbers;
    }

    int channel(int index) {
        return index / places % channels;
    }

    int sample(int index) {
        return index / places / channels;
    }

    /// Returns the number of values per channel.
    int count() {
        return samples * places;
    }

    double sum(int c) {
        return sum(c, i -> x[i]);
    }

    /// Sums an expression over a channel.
    double sum(int c, IntToDoubleFunction term) {
        double sum = 0;
        for (int i = 0; i < x.length; i++) {
            sum += channel(i) == c ? term.applyAsDouble(i) : 0;
        }
        return sum;
    }

    double mean(int c) {
        return means.computeIfAbsent(c, _ -> sum(c) / count());
    }

    double var(int c) {
        return variances.computeIfAbsent(
                c, _ -> sum(c, i -> (x[i] - mean(c)) * (x[i] - mean(c))) / count());
    }

    /// Forgets the statistics of an input that has changed.
    void forget() {
        means.clear();
        variances.clear();
    }

    /// Exchanges the input for the other one, as if it were this batch's.
    void exchange() {
        for (int i = 0; i < x.length; i++) {
            double mine = x[i];
            x[i] = otherX[i];
            otherX[i] = mine;
        }
        forget();
    }

    double unbiased(int c) {
        return var(c) * count() / (count() - 1);
    }

    double std(int c) {
        return Math.sqrt(var(c) + epsilon);
    }

    double xhat(int i) {
        return (x[i] - mean(channel(i))) / std(channel(i));
    }

    double[] output() {
        return Objects.requireNonNull(y);
    }

    Batch each(IntToDoubleFunction output) {
        y = numbers(x.length, output);
        return this;
    }

    Batch update(IntToDoubleFunction mean, IntToDoubleFunction variance) {
        meanAfter = numbers(channels, mean);
        varAfter = numbers(channels, variance);
        return this;
    }

    Batch gradients(
            IntToDoubleFunction ofInput, IntToDoubleFunction ofGamma, IntToDoubleFunction ofBeta) {
        dx = numbers(x.length, ofInput);
        dgamma = numbers(channels, ofGamma);
        dbeta = numbers(channels, ofBeta);
        return this;
    }

    Evidence evidence() {
        return evidence(Tensor.of(shape, x.clone()), tensor(y), tensor(dx));
    }

    /// Returns the evidence as an implementation in FP32 prints it.
    Evidence inFloats() {
        return evidence(floats(x), y == null ? null : floats(y), dx == null ? null : floats(dx));
    }

    @SuppressWarnings("NullAway") // it does not read annotated arrays of compiled records
    private Evidence evidence(Tensor input, @Nullable Tensor output, @Nullable Tensor gradInput) {
        boolean backward = dx != null || dgamma != null;
        return new Evidence(
                input,
                withOther ? tensor(otherX) : null,
                output,
                gamma,
                beta,
                withEpsilon ? (Double) epsilon : null,
                meanBefore,
                varBefore,
                meanAfter,
                varAfter,
                withMomentum ? (Double) momentum : null,
                backward ? tensor(dy) : null,
                gradInput,
                dgamma,
                dbeta,
                mode,
                convention);
    }

    private @Nullable Tensor tensor(double @Nullable [] values) {
        return values == null ? null : Tensor.of(shape, values.clone());
    }

    private Tensor floats(double[] values) {
        float[] narrow = new float[values.length];
        for (int i = 0; i < narrow.length; i++) {
            narrow[i] = (float) values[i];
        }
        return Tensor.of(shape, narrow);
    }
}
