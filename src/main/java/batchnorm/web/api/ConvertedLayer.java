package batchnorm.web.api;

import batchnorm.layer.Converted;
import batchnorm.normalization.Conversion;
import batchnorm.normalization.Conversion.Treatment;
import io.swagger.v3.oas.annotations.media.Schema;
import java.util.List;

/// A layer in another convention, and the treatment of each knob.
public record ConvertedLayer(
        @Unwrapped LayerAnswer layer,
        boolean dryRun,
        List<ConvertedKnob> knobs,
        List<InexactBehavior> notExact)
        implements ApiAnswer {

    @Schema(name = "KnobChange")
    public record ConvertedKnob(String knob, String before, String after, Treatment treatment) {

        private static ConvertedKnob of(Conversion.KnobChange change) {
            return new ConvertedKnob(
                    change.knob(), change.before(), change.after(), change.treatment());
        }
    }

    /// A behaviour that differs from the other framework.
    @Schema(name = "NotExact")
    public record InexactBehavior(String what, String why) {}

    public static ConvertedLayer of(Converted converted, boolean dryRun) {
        Conversion conversion = converted.conversion();
        return new ConvertedLayer(
                LayerAnswer.of(converted.layer()),
                dryRun,
                conversion.knobs().stream().map(ConvertedKnob::of).toList(),
                conversion.notExact().stream()
                        .map(entry -> new InexactBehavior(entry.what(), entry.why()))
                        .toList());
    }
}
