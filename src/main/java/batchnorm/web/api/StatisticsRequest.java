package batchnorm.web.api;

import batchnorm.codec.InvalidField;
import batchnorm.normalization.Moments;
import jakarta.validation.constraints.Max;
import jakarta.validation.constraints.PositiveOrZero;
import java.util.Objects;
import org.jspecify.annotations.Nullable;
import org.springframework.boot.context.properties.bind.DefaultValue;

/// Externally computed statistics.
///
/// @param m2 sums of squared deviations; alternative to `var`, a variance
/// @param runningCount values per channel behind the running statistics, in mode `merge`
/// @param numBatchesTracked in mode `install`
public record StatisticsRequest(
        @DefaultValue("install") StatisticsMode mode,
        @PositiveOrZero @Max(Moments.MAX_COUNT) long count,
        double[] mean,
        double @Nullable [] m2,
        double @Nullable [] var,
        @PositiveOrZero @Max(Moments.MAX_COUNT) @Nullable Long runningCount,
        @PositiveOrZero @Nullable Long numBatchesTracked)
        implements ApiRequest {
    private static final String NO_MEANING = "\"%s\" has no meaning with \"mode\": ";

    public enum StatisticsMode {
        INSTALL,
        MERGE
    }

    /// @throws InvalidField when a field belongs to the other mode, or a variance is missing
    public StatisticsRequest {
        if (mode == StatisticsMode.INSTALL) {
            Conflicts.rejectPresent("running_count", runningCount, NO_MEANING + "\"install\"");
        } else {
            Conflicts.rejectPresent(
                    "num_batches_tracked", numBatchesTracked, NO_MEANING + "\"merge\"");
        }
        if (mode == StatisticsMode.MERGE && runningCount == null) {
            throw new InvalidField("running_count", "\"running_count\" is required");
        }
        if ((m2 == null) == (var == null)) {
            throw new InvalidField("m2", "one of \"m2\" and \"var\" is required, and only one");
        }
    }

    public Moments population() {
        return m2 == null
                ? Moments.ofVariance(count, mean, Objects.requireNonNull(var))
                : Moments.of(count, mean, m2);
    }
}
