package batchnorm.web.api;

import batchnorm.collective.Accumulation;
import batchnorm.normalization.Moments;
import io.swagger.v3.oas.annotations.media.Schema;
import jakarta.validation.constraints.Max;
import jakarta.validation.constraints.PositiveOrZero;

/// The progress of an accumulation.
///
/// @param count values per channel so far
@TensorBody
@Schema(name = "Accumulated")
public record AccumulatedAnswer(
        @PositiveOrZero long chunks, @PositiveOrZero @Max(Moments.MAX_COUNT) long count)
        implements ApiAnswer {

    public static AccumulatedAnswer of(Accumulation.Progress progress) {
        return new AccumulatedAnswer(progress.chunks(), progress.count());
    }
}
