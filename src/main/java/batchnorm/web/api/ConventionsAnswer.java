package batchnorm.web.api;

import batchnorm.normalization.Convention;
import io.swagger.v3.oas.annotations.media.Schema;
import java.util.Arrays;
import java.util.List;

/// The defaults of every framework.
@Schema(name = "Conventions")
public record ConventionsAnswer(List<Preset> conventions) implements ApiAnswer {

    /// @param from the class or specification of the defaults
    @Schema(name = "Convention")
    public record Preset(@Unwrapped KnobValues knobs, String from) {}

    public static ConventionsAnswer all() {
        return new ConventionsAnswer(
                Arrays.stream(Convention.values())
                        .map(preset ->
                                new Preset(KnobValues.of(preset.config(), 1), preset.origin()))
                        .toList());
    }
}
