package batchnorm.normalization;

import static org.assertj.core.api.Assertions.assertThat;

import batchnorm.kernel.Kernel;
import batchnorm.kernel.ScalarKernel;
import batchnorm.kernel.VectorKernel;
import batchnorm.tensor.DataType;
import batchnorm.tensor.Shape;
import batchnorm.tensor.Tensor;
import java.io.IOException;
import java.io.InputStream;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/// The operator against 50-digit arithmetic, with both kernels in both datatypes. The error of an
/// element is its distance from the expected value over the largest expected value of its vector
/// (for grad_input over the terms that cancel in it).
///
/// Binary64 stays within 1e-12, times the condition |mean|/std beyond 1e4, the cost of rounding the
/// mean itself. FP32 stays within 4e-7 forward and 2e-6 backward for any condition, because its
/// inputs are exact and its statistics binary64.
class ConformanceTest {

    @ParameterizedTest(name = "{0} {1} {2}")
    @MethodSource("cases")
    void agreesWithFiftyDigits(String id, Kernel kernel, DataType type, JsonNode vector) {
        new Run(new BatchNormalization(kernel), type, vector).steps();
    }

    static Stream<Arguments> cases() throws IOException {
        try (InputStream file =
                ConformanceTest.class.getResourceAsStream("/conformance/vectors.json")) {
            JsonNode vectors = JsonMapper.shared().readTree(Objects.requireNonNull(file));
            return vectors
                    .get("cases")
                    .valueStream()
                    .flatMap(vector ->
                            Stream.of(new ScalarKernel(), new VectorKernel())
                                    .flatMap(kernel -> arguments(vector, kernel)))
                    .toList()
                    .stream();
        }
    }

    private static Stream<Arguments> arguments(JsonNode vector, Kernel kernel) {
        return Stream.of(DataType.FP64, DataType.FP32)
                .map(type -> Arguments.of(vector.get("id").asString(), kernel, type, vector));
    }

    /// The steps of one vector on one layer's state.
    private static final class Run {
        private final BatchNormalization operator;
        private final DataType type;
        private final JsonNode vector;
        private final JsonNode layer;
        private final Config config;
        private final double slack;
        private final List<ForwardPass> passes = new ArrayList<>();
        private @Nullable RunningStatistics running;

        Run(BatchNormalization operator, DataType type, JsonNode vector) {
            this.operator = operator;
            this.type = type;
            this.vector = vector;
            this.layer = vector.get("layer");
            this.config = config(layer);
            this.slack = Math.max(1, vector.get("condition").asDouble() / 1e4);
        }

        void steps() {
            for (JsonNode step : vector.get("steps")) {
                switch (step.get("op").asString()) {
                    case "forward-train" -> train(step);
                    case "forward-infer" -> infer(step);
                    default -> backward(step);
                }
            }
        }

        private void train(JsonNode step) {
            Tensor input = tensor(step, "input");
            BatchStatistics batch = operator.statistics(input, config);
            ForwardPass pass =
                    operator.train(input, batch, parameters(batch.mean().length), config);
            passes.add(pass);
            JsonNode expected = step.get("expect");
            check(operator.output(pass).toDoubles(), expected, "output", 1e-12, 4e-7, 0);
            check(batch.mean(), expected, "batch_mean", 1e-12, 1e-6, 0);
            check(batch.variance(), expected, "batch_var", 1e-12, 1e-6, 0);
            if (config.trackRunningStats()) {
                running = running(batch.mean().length).updated(batch, config);
                check(running.mean(), expected, "running_mean", 1e-12, 1e-6, 0);
                check(running.variance(), expected, "running_var", 1e-12, 1e-6, 0);
            }
        }

        private void infer(JsonNode step) {
            Tensor input = tensor(step, "input");
            int features = config.layout(input.shape()).channels();
            ForwardPass pass =
                    operator.infer(input, running(features), parameters(features), config);
            passes.add(pass);
            check(operator.output(pass).toDoubles(), step.get("expect"), "output", 1e-12, 4e-7, 0);
        }

        private void backward(JsonNode step) {
            Gradients got =
                    operator.backward(
                            passes.get(step.get("of").asInt()), tensor(step, "grad_output"));
            JsonNode expected = step.get("expect");
            double scale = expected.get("grad_input_scale").get(0).asDouble();
            check(got.input().toDoubles(), expected, "grad_input", 1e-11, 2e-6, scale);
            check(Objects.requireNonNull(got.gamma()), expected, "grad_gamma", 1e-11, 2e-6, 0);
            check(Objects.requireNonNull(got.beta()), expected, "grad_beta", 1e-11, 2e-6, 0);
        }

        private void check(
                double[] got,
                JsonNode expected,
                String name,
                double fp64,
                double fp32,
                double scale) {
            if (!expected.has(name)) {
                return;
            }
            double[] wanted = doubles(expected.get(name));
            assertThat(got).as(name).hasSameSizeAs(wanted);
            double largest = scale;
            double worst = 0;
            for (int i = 0; i < wanted.length; i++) {
                largest = Math.max(largest, Math.abs(wanted[i]));
                worst = Math.max(worst, Math.abs(got[i] - wanted[i]));
            }
            double tolerance = type == DataType.FP64 ? fp64 * slack : fp32;
            assertThat(largest > 0 ? worst / largest : worst)
                    .as(name)
                    .isLessThanOrEqualTo(tolerance);
        }

        private RunningStatistics running(int features) {
            if (running == null) {
                RunningStatistics initial = RunningStatistics.initial(config, features);
                running =
                        new RunningStatistics(
                                given("running_mean", initial.mean()),
                                given("running_var", initial.variance()),
                                0);
            }
            return running;
        }

        private Parameters parameters(int features) {
            Parameters initial = Parameters.initial(config, features);
            return new Parameters(
                    given("gamma", Objects.requireNonNull(initial.gamma())),
                    given("beta", Objects.requireNonNull(initial.beta())));
        }

        private double[] given(String name, double[] otherwise) {
            return layer.has(name) ? doubles(layer.get(name)) : otherwise;
        }

        private Tensor tensor(JsonNode step, String name) {
            Shape shape =
                    Shape.of(step.get("shape").valueStream().mapToInt(JsonNode::asInt).toArray());
            double[] values = doubles(step.get(name));
            if (type == DataType.FP64) {
                return Tensor.of(shape, values);
            }
            float[] narrow = new float[values.length];
            for (int i = 0; i < narrow.length; i++) {
                narrow[i] = (float) values[i];
            }
            return Tensor.of(shape, narrow);
        }
    }

    private static Config config(JsonNode layer) {
        Config base = Convention.parse(layer.get("convention").asString()).config();
        Map<Knob, Object> given = new EnumMap<>(Knob.class);
        for (Knob knob : Knob.values()) {
            JsonNode value = layer.get(knob.field());
            if (value != null && knob != Knob.CONVENTION) {
                given.put(
                        knob,
                        value.isString()
                                ? knob.parse(value.asString())
                                : JsonMapper.shared().treeToValue(value, knob.type()));
            }
        }
        return base.with(given);
    }

    private static double[] doubles(JsonNode array) {
        return array.valueStream().mapToDouble(JsonNode::asDouble).toArray();
    }
}
