package batchnorm.web.api;

import batchnorm.normalization.Convention;
import io.swagger.v3.oas.annotations.media.Schema;
import java.util.Arrays;
import java.util.List;

/// The defaults of every framework.
@Schema(name = "Conventions")
public record ConventionsAnswer(List<Preset> conventions) implements ApiAnswer {

    /// @param from the class or specification that the knobs are taken from
    @Schema(name = "Convention")
    public record Preset(@Unwrapped KnobValues knobs, String from) {}

    public static ConventionsAnswer all() {
        return new ConventionsAnswer(
                Arrays.stream(Convention.values())
                        .map(each -> new Preset(KnobValues.of(each.config(), 1), each.origin()))
                        .toList());
    }
}
