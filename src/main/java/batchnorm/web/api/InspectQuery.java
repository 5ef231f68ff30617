package batchnorm.web.api;

import batchnorm.checkpoint.Framework;
import batchnorm.checkpoint.Inspector;
import jakarta.validation.constraints.Size;
import org.jspecify.annotations.Nullable;
import org.springframework.boot.context.properties.bind.DefaultValue;

/// The options of an inspection.
///
/// @param framework the naming scheme of the tensors; detected by default
/// @param vectors whether the answer has the vectors
public record InspectQuery(
        @Nullable Framework framework,
        @Size(max = ExportQuery.MAX_PREFIX) @DefaultValue("") String prefix,
        @DefaultValue("false") boolean vectors)
        implements ApiRequest {

    public Inspector options() {
        return new Inspector(framework, prefix);
    }
}
