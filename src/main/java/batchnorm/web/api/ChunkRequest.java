package batchnorm.web.api;

import batchnorm.tensor.Tensor;
import io.swagger.v3.oas.annotations.media.Schema;
import jakarta.validation.constraints.PositiveOrZero;
import org.jspecify.annotations.Nullable;

/// A chunk of a batch, or its moments.
///
/// @param chunk its number, which deduplicates repeated chunks
@TensorBody
@Schema(name = "Chunk")
public record ChunkRequest(
        @Nullable Tensor input,
        @PositiveOrZero @Nullable Long chunk,
        @Unwrapped MomentsFields moments)
        implements ApiRequest {}
