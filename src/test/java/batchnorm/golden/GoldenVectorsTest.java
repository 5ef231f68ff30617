package batchnorm.golden;

import static org.assertj.core.api.Assertions.assertThat;

import batchnorm.kernel.Kernel;
import batchnorm.normalization.BatchNormalization;
import batchnorm.normalization.BatchPass;
import batchnorm.normalization.BatchStatistics;
import batchnorm.normalization.Config;
import batchnorm.normalization.Convention;
import batchnorm.normalization.Gradients;
import batchnorm.normalization.Parameters;
import batchnorm.normalization.RunningStatistics;
import batchnorm.tensor.DataType;
import batchnorm.tensor.Tensor;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Objects;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/// Tests the vectors: they are the committed ones, and the operator is within their tolerances.
class GoldenVectorsTest {
    private static final Path DIGESTS = Path.of("src/test/resources/golden-digests.tsv");
    private static final List<DataType> TYPES = List.of(DataType.FP64, DataType.FP32);

    private final BatchNormalization operator = new BatchNormalization(Kernel.fastest());

    static Stream<Arguments> all() {
        return Stream.of(Convention.values())
                .flatMap(convention -> TYPES.stream().map(type -> Arguments.of(convention, type)));
    }

    /// A different digest needs a new version. `-Dgolden.write=true` writes the file.
    @Test
    void doNotChangeWithinAVersion() throws IOException {
        StringBuilder written = new StringBuilder();
        for (Convention convention : Convention.values()) {
            for (DataType type : TYPES) {
                written.append(GoldenVectors.VERSION)
                        .append('\t')
                        .append(convention.word())
                        .append('\t')
                        .append(type)
                        .append('\t')
                        .append(GoldenVectors.of(convention, type).digest())
                        .append('\n');
            }
        }
        String digests = written.toString();
        if (Boolean.getBoolean("golden.write")) {
            Files.writeString(DIGESTS, digests);
        }
        assertThat(digests).isEqualTo(Files.readString(DIGESTS));
    }

    @ParameterizedTest(name = "{0} {1}")
    @MethodSource("all")
    void areWhatTheOperatorComputes(Convention convention, DataType type) {
        Config config = convention.config();
        for (GoldenCase golden : GoldenVectors.of(convention, type).cases()) {
            for (GoldenStep step : golden.steps()) {
                new Check(golden, step).of(operator, config);
            }
        }
    }

    /// The errors of one step.
    private record Check(GoldenCase golden, GoldenStep step) {

        void of(BatchNormalization operator, Config config) {
            Parameters parameters = new Parameters(golden.gamma(), golden.beta());
            BatchStatistics batch = operator.statistics(step.input(), config);
            BatchPass pass =
                    step.train()
                            ? operator.train(step.input(), batch, parameters, config)
                            : operator.infer(step.input(), before(), parameters, config);
            near("output", operator.output(pass), step.output(), 0, golden.binary64().forward());
            Gradients gradients = operator.backward(pass, step.gradOutput());
            double backward = golden.binary64().backward();
            near("dx", gradients.input(), step.gradInput(), step.gradInputScale(), backward);
            near("dγ", Objects.requireNonNull(gradients.gamma()), step.gradGamma(), backward);
            near("dβ", Objects.requireNonNull(gradients.beta()), step.gradBeta(), backward);
            if (step.train()) {
                statistics(batch, config);
            }
        }

        private void statistics(BatchStatistics batch, Config config) {
            double state = golden.binary64().state();
            near("mean", batch.mean(), Objects.requireNonNull(step.batchMean()), state);
            near("var", batch.variance(), Objects.requireNonNull(step.batchVariance()), state);
            if (step.state() != null) {
                RunningStatistics after = before().updated(batch, config);
                near("running mean", after.mean(), step.state().meanAfter(), state);
                near("running var", after.variance(), step.state().varianceAfter(), state);
                assertThat(after.batches()).isEqualTo(step.state().batches());
            }
        }

        private RunningStatistics before() {
            GoldenStep.State state = Objects.requireNonNull(step.state());
            return new RunningStatistics(
                    state.meanBefore(),
                    state.varianceBefore(),
                    state.batches() - (step.train() ? 1 : 0));
        }

        private void near(String what, Tensor got, Tensor expected, double scale, double bound) {
            near(what, got.toDoubles(), expected.toDoubles(), scale, bound);
        }

        private void near(String what, double[] got, double[] expected, double bound) {
            near(what, got, expected, 0, bound);
        }

        private void near(
                String what, double[] got, double[] expected, double scale, double bound) {
            double largest =
                    scale > 0 ? scale : Arrays.stream(expected).map(Math::abs).max().orElseThrow();
            for (int i = 0; i < expected.length; i++) {
                assertThat(Math.abs(got[i] - expected[i]))
                        .as("%s[%d] of %s, %s", what, i, golden.name(), step.train())
                        .isLessThanOrEqualTo(bound * largest);
            }
        }
    }

    @ParameterizedTest(name = "{0} {1}")
    @MethodSource("all")
    void haveInputsOfTheDatatype(Convention convention, DataType type) {
        for (GoldenCase golden : GoldenVectors.of(convention, type).cases()) {
            for (GoldenStep step : golden.steps()) {
                assertThat(step.input().dataType()).isEqualTo(type);
                assertThat(step.output().dataType()).isEqualTo(DataType.FP64);
                boolean isFp64 = type == DataType.FP64;
                for (double number : golden.gamma()) {
                    assertThat(isFp64 || number == (float) number).isTrue();
                }
            }
        }
    }

    @Test
    void coverEachConditionAndTheEdges() {
        List<String> names =
                GoldenVectors.of(Convention.KERAS, DataType.FP32).cases().stream()
                        .map(GoldenCase::name)
                        .toList();
        assertThat(names)
                .doesNotHaveDuplicates()
                .contains("single-value", "constant-channel", "small-variance", "condition-1e6");
        assertThat(GoldenVectors.of(Convention.PYTORCH, DataType.FP32).cases())
                .noneMatch(golden -> golden.name().equals("single-value"));
    }
}
