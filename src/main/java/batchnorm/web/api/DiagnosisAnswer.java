package batchnorm.web.api;

import batchnorm.diagnosis.Aspect;
import batchnorm.diagnosis.Diagnosis;
import batchnorm.diagnosis.Finding;
import batchnorm.diagnosis.Mistake;
import batchnorm.normalization.Convention;
import io.swagger.v3.oas.annotations.media.Schema;
import jakarta.validation.constraints.PositiveOrZero;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// What explains the numbers of an implementation.
///
/// @param toTellApart the data that would tell each of the indistinguishable sets apart
@Schema(name = "Diagnosis")
public record DiagnosisAnswer(
        String verdict,
        List<ExplanationOfNumbers> explanations,
        List<List<String>> indistinguishable,
        List<String> toTellApart)
        implements ApiAnswer {

    /// An explanation of one aspect.
    ///
    /// @param fits whether the formula gives the numbers, within their rounding
    /// @param axes the reduced axes, if they are wrong
    @Schema(name = "DiagnosisFinding")
    public record ExplanationOfNumbers(
            Aspect aspect,
            String what,
            @Nullable Convention convention,
            @Nullable Mistake mistake,
            boolean fits,
            String precision,
            @PositiveOrZero double maxError,
            @PositiveOrZero double ulps,
            String remedy,
            String formula,
            String rightFormula,
            @Nullable Double epsilon,
            @Nullable Double alpha,
            @Nullable List<@PositiveOrZero Long> axes,
            @Nullable WorstNumber worst) {

        private static ExplanationOfNumbers of(Finding finding) {
            List<Integer> axes = finding.axes();
            Finding.Place worst = finding.worst();
            return new ExplanationOfNumbers(
                    finding.aspect(),
                    finding.what(),
                    finding.convention(),
                    finding.mistake(),
                    finding.fits(),
                    finding.precision(),
                    finding.maxError(),
                    finding.ulps(),
                    finding.remedy(),
                    finding.formula(),
                    finding.rightFormula(),
                    finding.epsilon(),
                    finding.alpha(),
                    axes == null ? null : longs(axes),
                    worst == null
                            ? null
                            : new WorstNumber(
                                    worst.tensor(),
                                    longs(worst.index()),
                                    worst.found(),
                                    worst.expected()));
        }
    }

    /// The number that differs most from the right formula.
    @Schema(name = "DiagnosisWorst")
    public record WorstNumber(
            String tensor, List<@PositiveOrZero Long> index, double found, double expected) {}

    private static List<Long> longs(List<Integer> numbers) {
        return numbers.stream().map(Integer::longValue).toList();
    }

    public static DiagnosisAnswer of(Diagnosis diagnosis) {
        return new DiagnosisAnswer(
                diagnosis.verdict(),
                diagnosis.findings().stream().map(ExplanationOfNumbers::of).toList(),
                diagnosis.indistinguishable(),
                diagnosis.contrasts());
    }
}
