package batchnorm.web.api;

import batchnorm.diagnosis.Finding;
import batchnorm.diagnosis.FoldMistake;
import batchnorm.diagnosis.FoldVerification;
import io.swagger.v3.oas.annotations.media.Schema;
import jakarta.validation.constraints.PositiveOrZero;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// Whether a fold is right, and otherwise its mistake.
///
/// @param also further mistakes that only together with the first give the numbers
/// @param worst null if the fold is right
@Schema(name = "FoldVerification")
public record VerifyFoldAnswer(
        boolean exact,
        @PositiveOrZero double maxError,
        FoldDiagnosis diagnosis,
        List<FoldDiagnosis> also,
        String precision,
        @Nullable WrongNumber worst)
        implements ApiAnswer {

    /// @param epsilon the one in the weights, if it is another
    @Schema(name = "FoldDiagnosis")
    public record FoldDiagnosis(
            FoldMistake mistake, String what, String remedy, @Nullable Double epsilon) {}

    /// The number with the largest difference.
    @Schema(name = "FoldWorst")
    public record WrongNumber(
            String tensor, List<@PositiveOrZero Long> index, double found, double expected) {}

    public static VerifyFoldAnswer of(FoldVerification verification) {
        List<FoldDiagnosis> all =
                verification.mistakes().stream()
                        .map(mistake -> diagnosis(mistake, verification.epsilon()))
                        .toList();
        return new VerifyFoldAnswer(
                verification.exact(),
                verification.maxError(),
                all.getFirst(),
                all.subList(1, all.size()),
                verification.precision(),
                worst(verification.worst()));
    }

    private static FoldDiagnosis diagnosis(FoldMistake mistake, @Nullable Double epsilon) {
        return new FoldDiagnosis(
                mistake,
                mistake.sentence(),
                mistake.remedy(),
                mistake == FoldMistake.EPSILON_OTHER ? epsilon : null);
    }

    private static @Nullable WrongNumber worst(Finding.@Nullable Place place) {
        return place == null
                ? null
                : new WrongNumber(
                        place.tensor(),
                        place.index().stream().map(Integer::longValue).toList(),
                        place.found(),
                        place.expected());
    }
}
