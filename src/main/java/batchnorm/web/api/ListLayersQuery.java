package batchnorm.web.api;

import batchnorm.layer.LayerName;
import jakarta.validation.constraints.Max;
import jakarta.validation.constraints.Min;
import org.jspecify.annotations.Nullable;
import org.springframework.boot.context.properties.bind.DefaultValue;

/// A page of the registry.
///
/// @param after the last name of the previous page
public record ListLayersQuery(
        @Min(1) @Max(1000) @DefaultValue("100") int limit, @Nullable LayerName after)
        implements ApiRequest {}
