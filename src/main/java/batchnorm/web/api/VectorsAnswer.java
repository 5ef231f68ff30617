package batchnorm.web.api;

import batchnorm.codec.Message;
import batchnorm.golden.GoldenCase;
import batchnorm.golden.GoldenStep;
import batchnorm.golden.GoldenVectors;
import batchnorm.golden.Tolerance;
import batchnorm.normalization.ForwardPass.Mode;
import batchnorm.normalization.Knob;
import batchnorm.tensor.Tensor;
import io.swagger.v3.oas.annotations.media.Schema;
import jakarta.validation.constraints.Positive;
import jakarta.validation.constraints.PositiveOrZero;
import java.util.List;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/// Golden vectors: batches of a convention, and their results in 100-digit arithmetic.
@Schema(name = "Vectors")
public record VectorsAnswer(
        @Positive int vectorsVersion,
        String digest,
        String convention,
        String datatype,
        String arithmetic,
        String toleranceReason,
        String workingToleranceReason,
        KnobValues config,
        List<VectorCase> cases)
        implements ArchivedAnswer {
    private static final String ARITHMETIC =
            "100 significant decimal digits; expected values are rounded once, to binary64";
    private static final String BINARY64 =
            "statistics in binary64 of unit roundoff u; FP64: 1e-12 forward and state, 1e-11"
                    + " backward, times max(1, 2·u·condition/1e-12), the cost of rounding the sum and the"
                    + " mean; FP32: 4e-7 forward, 2e-6 backward, 1e-6 state";
    private static final String WORKING =
            "all arithmetic in the datatype of unit roundoff u, mean first, then deviations: at least"
                    + " tolerance, and 4·u·condition forward, 8·u·condition backward, 4·(u·condition)^2"
                    + " state, because a rounded mean moves every deviation";

    @Schema(name = "VectorCase")
    public record VectorCase(
            String name,
            String about,
            double condition,
            double[] gamma,
            double[] beta,
            ErrorBounds tolerance,
            ErrorBounds workingTolerance,
            List<VectorStep> steps) {

        private static VectorCase of(GoldenCase from) {
            return new VectorCase(
                    from.name(),
                    from.about(),
                    from.condition(),
                    from.gamma(),
                    from.beta(),
                    ErrorBounds.of(from.binary64()),
                    ErrorBounds.of(from.working()),
                    from.steps().stream().map(VectorStep::of).toList());
        }

        private void addTo(Message archive) {
            String path = name + "/";
            archive.with(path + "gamma", gamma).with(path + "beta", beta);
            tolerance.addTo(archive, path + "tolerance/");
            workingTolerance.addTo(archive, path + "working_tolerance/");
            for (int i = 0; i < steps.size(); i++) {
                steps.get(i).addTo(archive, path + i + "/");
            }
        }
    }

    @Schema(name = "ErrorBounds")
    public record ErrorBounds(double forward, double backward, double state) {

        private static ErrorBounds of(Tolerance tolerance) {
            return new ErrorBounds(tolerance.forward(), tolerance.backward(), tolerance.state());
        }

        private void addTo(Message archive, String path) {
            archive.with(path + "forward", (Double) forward)
                    .with(path + "backward", (Double) backward)
                    .with(path + "state", (Double) state);
        }
    }

    /// @param numBatchesTracked after the step
    @Schema(name = "VectorStep")
    public record VectorStep(
            Mode mode,
            Tensor input,
            Tensor gradOutput,
            @OmitWhenNull double @Nullable [] runningMeanBefore,
            @OmitWhenNull double @Nullable [] runningVarBefore,
            Tensor output,
            @OmitWhenNull double @Nullable [] batchMean,
            @OmitWhenNull double @Nullable [] batchVar,
            @OmitWhenNull double @Nullable [] runningMeanAfter,
            @OmitWhenNull double @Nullable [] runningVarAfter,
            @OmitWhenNull @PositiveOrZero @Nullable Long numBatchesTracked,
            Tensor gradInput,
            double gradInputScale,
            double[] gradGamma,
            double[] gradBeta) {

        private static VectorStep of(GoldenStep step) {
            GoldenStep.State state = step.state();
            return new VectorStep(
                    step.train() ? Mode.TRAIN : Mode.INFER,
                    exact(step.input()),
                    exact(step.gradOutput()),
                    state == null ? null : state.meanBefore(),
                    state == null ? null : state.varianceBefore(),
                    step.output(),
                    step.batchMean(),
                    step.batchVariance(),
                    state == null ? null : state.meanAfter(),
                    state == null ? null : state.varianceAfter(),
                    state == null ? null : (Long) state.batches(),
                    step.gradInput(),
                    step.gradInputScale(),
                    step.gradGamma(),
                    step.gradBeta());
        }

        /// Returns the numbers as FP64. The shortest decimal of an FP32 number is another number to
        /// a reader of FP64.
        private static Tensor exact(Tensor tensor) {
            return Tensor.of(tensor.shape(), tensor.toDoubles());
        }

        private void addTo(Message archive, String path) {
            archive.with(path + "mode", Knob.word(mode))
                    .with(path + "input", input)
                    .with(path + "grad_output", gradOutput)
                    .with(path + "output", output)
                    .with(path + "grad_input", gradInput)
                    .with(path + "grad_input_scale", (Double) gradInputScale)
                    .with(path + "grad_gamma", gradGamma)
                    .with(path + "grad_beta", gradBeta);
            if (batchMean != null) {
                archive.with(path + "batch_mean", batchMean).with(path + "batch_var", batchVar);
            }
            if (runningMeanBefore != null) {
                archive.with(path + "running_mean_before", runningMeanBefore)
                        .with(path + "running_var_before", runningVarBefore)
                        .with(path + "running_mean_after", runningMeanAfter)
                        .with(path + "running_var_after", runningVarAfter)
                        .with(path + "num_batches_tracked", numBatchesTracked);
            }
        }
    }

    public static VectorsAnswer of(GoldenVectors vectors) {
        return new VectorsAnswer(
                GoldenVectors.VERSION,
                vectors.digest(),
                vectors.convention().word(),
                vectors.dataType().name(),
                ARITHMETIC,
                BINARY64,
                WORKING,
                KnobValues.of(vectors.convention().config(), 1),
                vectors.cases().stream().map(VectorCase::of).toList());
    }

    @Override
    public Message archive() {
        Message archive =
                new Message()
                        .with("vectors_version", (Long) (long) vectorsVersion)
                        .with("digest", digest)
                        .with("convention", convention)
                        .with("datatype", datatype);
        config.values()
                .values()
                .forEach((knob, value) -> {
                    if (Objects.nonNull(value)) {
                        archive.put("config/" + knob, value);
                    }
                });
        cases.forEach(each -> each.addTo(archive));
        return archive;
    }
}
