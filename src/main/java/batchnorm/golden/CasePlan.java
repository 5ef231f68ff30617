package batchnorm.golden;

import batchnorm.golden.DecimalOperator.Gradients;
import batchnorm.golden.DecimalOperator.Statistics;
import batchnorm.normalization.Config;
import batchnorm.normalization.Knob.ReductionScope;
import batchnorm.tensor.ChannelLayout;
import batchnorm.tensor.DataType;
import batchnorm.tensor.Shape;
import batchnorm.tensor.Tensor;
import java.math.BigDecimal;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.function.DoubleUnaryOperator;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;

/// A case to be computed: what its batches are drawn from.
///
/// Numbers come from the generator of [Random], whose algorithm its documentation fixes, so that
/// every build draws the same.
final class CasePlan {
    /// The deviation of numbers uniform in -√3 to √3 is 1.
    private static final double UNIT = Math.sqrt(3);

    private final String name;
    private final String about;
    private final int[][] batches;
    private double condition;
    private double spread = 1;
    private boolean firstConstant;
    private boolean given;
    private double @Nullable [] values;

    /// @param batches the shape of each training batch, channels first; the last one is also
    ///   inferred
    CasePlan(String name, String about, int[]... batches) {
        this.name = name;
        this.about = about;
        this.batches = batches;
    }

    /// Sets |mean|/std.
    CasePlan condition(double ratio) {
        condition = ratio;
        return this;
    }

    /// Sets the deviation of the values.
    CasePlan spread(double deviation) {
        spread = deviation;
        return this;
    }

    /// Makes all values of the first channel equal.
    CasePlan firstChannelConstant() {
        firstConstant = true;
        return this;
    }

    /// Starts from running statistics of 7 batches.
    CasePlan givenStatistics() {
        given = true;
        return this;
    }

    /// Sets the values of the batch, with gamma 1 and beta 0.
    CasePlan values(double... fixed) {
        values = fixed;
        return this;
    }

    GoldenCase compute(Config config, DataType type) {
        return new Computation(config, type).run();
    }

    /// The state of computing one case.
    private final class Computation {
        private final Config config;
        private final DataType type;
        private final DecimalOperator operator;
        private final Random random = new Random(name.hashCode());
        private final List<GoldenStep> steps = new ArrayList<>();
        private final int features;
        private final double[] gamma;
        private final double[] beta;
        private @Nullable Statistics running;

        Computation(Config config, DataType type) {
            this.config = config;
            this.type = type;
            this.operator = new DecimalOperator(config);
            this.features = config.layout(arranged(batches[0])).channels();
            this.gamma = drawn(features, u -> values == null ? 1 + u / 2 : 1);
            this.beta = drawn(features, u -> values == null ? u : 0);
            this.running = config.trackRunningStats() ? initial() : null;
        }

        private Statistics initial() {
            double variance = config.convention().initialVariance();
            return new Statistics(
                    given ? 7 : 0,
                    DecimalOperator.exact(drawn(features, u -> given ? 2 * u : 0)),
                    DecimalOperator.exact(drawn(features, u -> given ? 1.5 + u / 2 : variance)));
        }

        GoldenCase run() {
            for (int[] batch : batches) {
                steps.add(step(batch, true));
            }
            if (running != null) {
                steps.add(step(batches[batches.length - 1], false));
            }
            boolean narrow = type != DataType.FP64;
            return new GoldenCase(
                    name,
                    about,
                    condition,
                    gamma,
                    beta,
                    Tolerance.ofBinary64(narrow, condition),
                    Tolerance.ofWorkingPrecision(narrow, condition),
                    List.copyOf(steps));
        }

        private GoldenStep step(int[] batch, boolean train) {
            Shape shape = arranged(batch);
            ChannelLayout layout = config.layout(shape);
            double[] input = input(shape, layout);
            double[] gradient = drawn(shape.elements(), u -> u);
            BigDecimal[] x = DecimalOperator.exact(input);
            BigDecimal[] dy = DecimalOperator.exact(gradient);
            BigDecimal[] scale = DecimalOperator.exact(gamma);
            Statistics own = operator.statistics(x, layout);
            Statistics before = running;
            Statistics used = train || before == null ? own : before;
            if (train && before != null) {
                running = operator.updated(before, own);
            }
            BigDecimal[] normalized = operator.normalized(x, layout, used);
            Gradients gradients = operator.gradients(x, dy, layout, used, scale, !train);
            return new GoldenStep(
                    train,
                    tensor(shape, input),
                    tensor(shape, gradient),
                    state(before, running),
                    Tensor.of(
                            shape,
                            DecimalOperator.rounded(
                                    DecimalOperator.output(
                                            normalized,
                                            layout,
                                            scale,
                                            DecimalOperator.exact(beta)))),
                    train ? DecimalOperator.rounded(own.mean()) : null,
                    train ? DecimalOperator.rounded(own.variance()) : null,
                    Tensor.of(shape, DecimalOperator.rounded(gradients.input())),
                    DecimalOperator.rounded(gradients.gamma()),
                    DecimalOperator.rounded(gradients.beta()),
                    gradients.scale().doubleValue());
        }

        private GoldenStep.@Nullable State state(
                @Nullable Statistics before, @Nullable Statistics after) {
            return before == null || after == null
                    ? null
                    : new GoldenStep.State(
                            DecimalOperator.rounded(before.mean()),
                            DecimalOperator.rounded(before.variance()),
                            DecimalOperator.rounded(after.mean()),
                            DecimalOperator.rounded(after.variance()),
                            after.count());
        }

        /// Means alternate in sign between channels.
        private double[] input(Shape shape, ChannelLayout layout) {
            if (values != null) {
                return Arrays.stream(values).map(this::narrowed).toArray();
            }
            double[] input = new double[shape.elements()];
            for (int i = 0; i < input.length; i++) {
                int c = layout.channelOf(i);
                double mean = condition * spread * (c % 2 == 0 ? 1 : -1);
                double deviation = spread * UNIT * (2 * random.nextDouble() - 1);
                input[i] = narrowed(firstConstant && c == 0 ? 0.1 : mean + deviation);
            }
            return input;
        }

        /// Draws numbers as a function of a number uniform in -1 to 1.
        private double[] drawn(int count, DoubleUnaryOperator function) {
            return IntStream.range(0, count)
                    .mapToDouble(_ -> narrowed(function.applyAsDouble(2 * random.nextDouble() - 1)))
                    .toArray();
        }

        private double narrowed(double value) {
            return type == DataType.FP64 ? value : type.narrow(value);
        }

        private Tensor tensor(Shape shape, double[] numbers) {
            if (type == DataType.FP64) {
                return Tensor.of(shape, numbers);
            }
            float[] narrow = new float[numbers.length];
            for (int i = 0; i < narrow.length; i++) {
                narrow[i] = (float) numbers[i];
            }
            return Tensor.of(shape, narrow);
        }

        /// Returns the shape with the channels where the convention has them.
        private Shape arranged(int[] channelsFirst) {
            int[] shape = channelsFirst.clone();
            boolean isLast = config.channels().axis() == -1;
            if (isLast && config.channels().scope() == ReductionScope.SPATIAL) {
                int channels = shape[1];
                System.arraycopy(shape, 2, shape, 1, shape.length - 2);
                shape[shape.length - 1] = channels;
            }
            return Shape.of(shape);
        }
    }
}
