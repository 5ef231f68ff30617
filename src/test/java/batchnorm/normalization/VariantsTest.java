package batchnorm.normalization;

import static org.assertj.core.api.Assertions.assertThat;

import batchnorm.kernel.Kernel;
import batchnorm.kernel.ScalarKernel;
import batchnorm.kernel.VectorKernel;
import batchnorm.normalization.Knob.MomentumMeaning;
import batchnorm.normalization.Knob.RunningVariance;
import batchnorm.tensor.DataType;
import batchnorm.tensor.Shape;
import batchnorm.tensor.Tensor;
import java.io.IOException;
import java.io.InputStream;
import java.util.Map;
import java.util.Objects;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/// Masks, weights, blends, frozen statistics, virtual batches and Batch Renorm against 60-digit
/// arithmetic, whose gradients are differences of its forward. `conformance/variants.py` generates
/// the numbers. Errors are relative to the largest number of a vector. FP64 stays within 1e-12, but
/// 1e-10 where the mean is 1000 deviations. Rounding such a mean alone costs 1e-13 of a deviation,
/// amplified by cancellation in the gradients. FP32 stays within 2e-6 of the same numbers, with
/// inputs rounded first.
class VariantsTest {

    @ParameterizedTest(name = "{0} {1} {2}")
    @MethodSource("cases")
    void agreesWithSixtyDigits(String id, Kernel kernel, DataType type, JsonNode node) {
        double tolerance =
                type == DataType.FP32 ? 2e-6 : id.endsWith("far-from-zero") ? 1e-10 : 1e-12;
        Case it = new Case(node, type);
        BatchNormalization operator = new BatchNormalization(kernel);
        JsonNode expected = node.get("expect");

        TrainingPass trained = it.isTraining() ? it.train(operator) : null;
        ForwardPass pass = trained == null ? it.adapt(operator) : trained.forward();
        check(numbers(operator.output(pass)), expected, "output", tolerance);
        if (trained != null) {
            BatchStatistics batch = trained.batch();
            assertThat(batch.count()).isEqualTo(expected.get("count").doubleValue());
            check(batch.mean(), expected, "batch_mean", tolerance);
            check(batch.variance(), expected, "batch_var", tolerance);
            RunningStatistics after = it.learned(trained);
            assertThat(after.batches()).isEqualTo(expected.get("num_batches_tracked").longValue());
            check(after.mean(), expected, "running_mean", tolerance);
            check(after.variance(), expected, "running_var", tolerance);
        }
        Gradients gradients = operator.backward(pass, it.gradOutput());
        check(numbers(gradients.input()), expected, "grad_input", tolerance);
        check(Objects.requireNonNull(gradients.gamma()), expected, "grad_gamma", tolerance);
        check(Objects.requireNonNull(gradients.beta()), expected, "grad_beta", tolerance);
    }

    static Stream<Arguments> cases() throws IOException {
        try (InputStream file =
                VariantsTest.class.getResourceAsStream("/conformance/variants.json")) {
            return JsonMapper.shared()
                    .readTree(Objects.requireNonNull(file))
                    .valueStream()
                    .toList()
                    .stream()
                    .flatMap(VariantsTest::withKernelsAndTypes);
        }
    }

    private static Stream<Arguments> withKernelsAndTypes(JsonNode node) {
        String id = node.get("id").stringValue();
        return Stream.of(new ScalarKernel(), new VectorKernel())
                .flatMap(kernel ->
                        Stream.of(DataType.FP64, DataType.FP32)
                                .filter(type ->
                                        type == DataType.FP64 || !id.endsWith("far-from-zero"))
                                .map(type -> Arguments.of(id, kernel, type, node)));
    }

    /// One line of the file.
    private record Case(JsonNode node, DataType type) {
        boolean isTraining() {
            return node.get("mode").stringValue().equals("train");
        }

        TrainingPass train(BatchNormalization operator) {
            Weights weights = weighting().on(shape(), config());
            return operator.train(
                    TrainingBatch.of(tensor("x"), weights, config()),
                    parameters(),
                    running(),
                    config());
        }

        ForwardPass adapt(BatchNormalization operator) {
            double share = node.get("statistics_blend").doubleValue();
            return operator.adapt(tensor("x"), running(), share, parameters(), config());
        }

        /// The running statistics afterwards.
        RunningStatistics learned(TrainingPass trained) {
            RunningStatistics running = running();
            for (BatchStatistics batch : trained.virtual()) {
                if (!batch.isEmpty() && !config().variant().freezeStatistics()) {
                    running = running.updated(batch, config());
                }
            }
            return running;
        }

        Tensor gradOutput() {
            return tensor("dy");
        }

        private Weighting weighting() {
            Tensor mask = node.has("mask") ? mask(node.get("mask")) : null;
            return new Weighting(mask, node.has("weights") ? vector("weights") : null);
        }

        /// A tensor of rank 1 or 2.
        private static Tensor mask(JsonNode rows) {
            Shape shape =
                    rows.get(0).isArray()
                            ? Shape.of(rows.size(), rows.get(0).size())
                            : Shape.of(rows.size());
            double[] values =
                    rows.valueStream()
                            .flatMap(row -> row.isArray() ? row.valueStream() : Stream.of(row))
                            .mapToDouble(JsonNode::doubleValue)
                            .toArray();
            return Tensor.of(shape, values);
        }

        private Config config() {
            return Convention.KERAS
                    .config()
                    .with(
                            Map.of(
                                    Knob.EPSILON, node.get("epsilon").doubleValue(),
                                    Knob.MOMENTUM, node.get("momentum").doubleValue(),
                                    Knob.MOMENTUM_MEANING, MomentumMeaning.NEW_WEIGHT,
                                    Knob.RUNNING_VARIANCE,
                                            node.get("unbiased").booleanValue()
                                                    ? RunningVariance.UNBIASED
                                                    : RunningVariance.BIASED,
                                    Knob.CHANNEL_AXIS, node.get("axis").intValue()))
                    .with(
                            new Variant(
                                    node.path("freeze_statistics").asBoolean(false),
                                    false,
                                    0,
                                    node.has("virtual_batch_size")
                                            ? node.get("virtual_batch_size").intValue()
                                            : null,
                                    Renorm.of(limit("r_max"), limit("d_max"))));
        }

        private @Nullable Double limit(String field) {
            return node.has(field) ? node.get(field).doubleValue() : null;
        }

        private Parameters parameters() {
            return new Parameters(vector("gamma"), vector("beta"));
        }

        private RunningStatistics running() {
            return new RunningStatistics(
                    vector("running_mean"), vector("running_var"), node.get("batches").longValue());
        }

        private Tensor tensor(String field) {
            double[] values = vector(field);
            if (type == DataType.FP64) {
                return Tensor.of(shape(), values);
            }
            float[] narrow = new float[values.length];
            for (int i = 0; i < values.length; i++) {
                narrow[i] = (float) values[i];
            }
            return Tensor.of(shape(), narrow);
        }

        private Shape shape() {
            return Shape.of(node.get("shape").valueStream().mapToInt(JsonNode::intValue).toArray());
        }

        private double[] vector(String field) {
            return node.get(field).valueStream().mapToDouble(JsonNode::doubleValue).toArray();
        }
    }

    private static void check(double[] got, JsonNode expected, String field, double tolerance) {
        double[] wanted =
                expected.get(field).valueStream().mapToDouble(JsonNode::doubleValue).toArray();
        double largest = 0;
        double worst = 0;
        for (int i = 0; i < wanted.length; i++) {
            largest = Math.max(largest, Math.abs(wanted[i]));
            worst = Math.max(worst, Math.abs(got[i] - wanted[i]));
        }
        assertThat(got).as(field).hasSameSizeAs(wanted);
        assertThat(worst).as(field).isLessThanOrEqualTo(tolerance * largest);
    }

    private static double[] numbers(Tensor tensor) {
        double[] numbers = new double[tensor.shape().elements()];
        for (int i = 0; i < numbers.length; i++) {
            numbers[i] = tensor.at(i);
        }
        return numbers;
    }
}
