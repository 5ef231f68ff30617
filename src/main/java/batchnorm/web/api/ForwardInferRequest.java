package batchnorm.web.api;

import batchnorm.tensor.Tensor;
import jakarta.validation.constraints.DecimalMax;
import jakarta.validation.constraints.PositiveOrZero;
import org.jspecify.annotations.Nullable;
import org.springframework.boot.context.properties.bind.DefaultValue;

/// An inference.
@TensorBody
public record ForwardInferRequest(
        Tensor input,
        @DefaultValue("false") boolean saveContext,
        @PositiveOrZero @DecimalMax("1") @Nullable Double statisticsBlend)
        implements ApiRequest {}
