package batchnorm.web.api;

import batchnorm.normalization.Convention;
import org.springframework.boot.context.properties.bind.DefaultValue;

/// The convention that a layer is converted to.
///
/// @param dryRun whether to return the result without storing it
public record ConvertQuery(Convention to, @DefaultValue("false") boolean dryRun)
        implements ApiRequest {}
