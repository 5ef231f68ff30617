package batchnorm.web.api;

import batchnorm.checkpoint.Framework;
import batchnorm.checkpoint.Inspector;
import batchnorm.checkpoint.Naming;
import jakarta.validation.constraints.Size;
import org.jspecify.annotations.Nullable;
import org.springframework.boot.context.properties.bind.DefaultValue;

/// The options of an inspection.
///
/// @param framework the naming scheme of the tensors; detected by default
/// @param without the parameter that layers of three numbered vectors do not have
/// @param vectors whether the answer has the vectors
public record InspectQuery(
        @Nullable Framework framework,
        @Size(max = ExportQuery.MAX_PREFIX) @DefaultValue("") String prefix,
        Naming.@Nullable Parameter without,
        @DefaultValue("false") boolean vectors)
        implements ApiRequest {

    public Inspector options() {
        return new Inspector(new Naming(framework, prefix, without));
    }
}
