package batchnorm.web.api;

import batchnorm.checkpoint.Framework;
import batchnorm.checkpoint.Import;
import batchnorm.checkpoint.Naming;
import batchnorm.normalization.Config;
import jakarta.validation.constraints.Size;
import org.jspecify.annotations.Nullable;
import org.springframework.boot.context.properties.bind.DefaultValue;

/// The options of an import.
///
/// @param framework the naming scheme of the tensors; detected by default
/// @param without the parameter that layers of three numbered vectors do not have
/// @param name of the only layer, or the prefix of all layers' names
/// @param replace whether to replace existing layers
public record ImportQuery(
        @Nullable Framework framework,
        @Size(max = ExportQuery.MAX_PREFIX) @DefaultValue("") String prefix,
        Naming.@Nullable Parameter without,
        @DefaultValue("") String name,
        @DefaultValue("false") boolean replace,
        @Unwrapped @Knobs(Knobs.Set.IMPORTABLE) KnobValues knobs)
        implements ApiRequest {

    /// Rejects wrong knobs before the body is read.
    public ImportQuery {
        Config _ = config(Framework.PYTORCH, knobs);
    }

    public Import options() {
        return new Import(
                new Naming(framework, prefix, without),
                detected -> config(detected, knobs),
                knobs.named(),
                name);
    }

    private static Config config(Framework framework, KnobValues knobs) {
        var convention = knobs.convention();
        return knobs.applyTo((convention == null ? framework.convention() : convention).config());
    }
}
