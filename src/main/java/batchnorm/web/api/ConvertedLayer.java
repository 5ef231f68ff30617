package batchnorm.web.api;

import batchnorm.layer.Converted;
import batchnorm.normalization.Conversion;
import batchnorm.normalization.Conversion.Treatment;
import java.util.List;

/// A layer in another convention, and the treatment of each knob.
public record ConvertedLayer(
        @Unwrapped LayerAnswer layer,
        boolean dryRun,
        List<KnobChange> knobs,
        List<NotExact> notExact)
        implements ApiAnswer {

    public record KnobChange(String knob, String before, String after, Treatment treatment) {

        private static KnobChange of(Conversion.KnobChange change) {
            return new KnobChange(
                    change.knob(), change.before(), change.after(), change.treatment());
        }
    }

    /// A behaviour that differs from the other framework.
    public record NotExact(String what, String why) {}

    public static ConvertedLayer of(Converted converted, boolean dryRun) {
        Conversion conversion = converted.conversion();
        return new ConvertedLayer(
                LayerAnswer.of(converted.layer()),
                dryRun,
                conversion.knobs().stream().map(KnobChange::of).toList(),
                conversion.notExact().stream()
                        .map(entry -> new NotExact(entry.what(), entry.why()))
                        .toList());
    }
}
