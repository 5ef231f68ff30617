package batchnorm.web.api;

import batchnorm.codec.InvalidField;
import batchnorm.normalization.Moments;
import jakarta.validation.constraints.Max;
import jakarta.validation.constraints.PositiveOrZero;
import org.jspecify.annotations.Nullable;

/// The moments of a tensor that replace it.
///
/// @param count values per channel
/// @param m2 sums of squared deviations from the mean
public record MomentsFields(
        @PositiveOrZero @Max(Moments.MAX_COUNT) @Nullable Long count,
        double @Nullable [] mean,
        double @Nullable [] m2) {
    private static final String INSTEAD_OF_INPUT =
            "\"%s\" replaces \"input\"; send only one of them";

    /// @throws InvalidField when any of them is absent
    public Moments moments() {
        if (count == null || mean == null || m2 == null) {
            throw new InvalidField(
                    "input", "\"input\" is required, or \"count\", \"mean\" and \"m2\" of one");
        }
        return Moments.of(count, mean, m2);
    }

    /// @throws InvalidField when any of them is present beside the tensor
    public void requireNone() {
        Conflicts.rejectPresent("count", count, INSTEAD_OF_INPUT);
        Conflicts.rejectPresent("mean", mean, INSTEAD_OF_INPUT);
        Conflicts.rejectPresent("m2", m2, INSTEAD_OF_INPUT);
    }
}
