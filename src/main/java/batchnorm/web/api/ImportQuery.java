package batchnorm.web.api;

import batchnorm.checkpoint.Framework;
import batchnorm.checkpoint.Import;
import batchnorm.normalization.Config;
import jakarta.validation.constraints.Size;
import org.jspecify.annotations.Nullable;
import org.springframework.boot.context.properties.bind.DefaultValue;

/// How a checkpoint is read.
///
/// @param framework whose names the tensors have; recognized unless given
/// @param name of the only layer, or the beginning of all layers' names
/// @param replace whether layers that exist are replaced
public record ImportQuery(
        @Nullable Framework framework,
        @Size(max = ExportQuery.MAX_PREFIX) @DefaultValue("") String prefix,
        @DefaultValue("") String name,
        @DefaultValue("false") boolean replace,
        @Unwrapped @Knobs(Knobs.Set.IMPORTABLE) KnobValues knobs)
        implements ApiRequest {

    /// Rejects wrong knobs before the body is read.
    public ImportQuery {
        Config _ = config(Framework.PYTORCH, knobs);
    }

    public Import wanted() {
        return new Import(framework, each -> config(each, knobs), prefix, name);
    }

    private static Config config(Framework framework, KnobValues knobs) {
        var convention = knobs.convention();
        return knobs.applyTo((convention == null ? framework.convention() : convention).config());
    }
}
