package batchnorm.web.api;

import batchnorm.normalization.Explanation;
import io.swagger.v3.oas.annotations.media.Schema;
import java.util.List;

/// The steps of a forward and a backward.
@Schema(name = "Explanation")
public record ExplanationAnswer(List<ExplainedStep> steps) implements ApiAnswer {

    /// @param value a tensor of the input's shape, or a vector with one number per channel
    @Schema(name = "Step")
    public record ExplainedStep(String name, String formula, Object value) {

        private static ExplainedStep of(Explanation.Step step) {
            return new ExplainedStep(
                    step.name(),
                    step.formula(),
                    switch (step.value()) {
                        case Explanation.Value.Elements elements -> elements.tensor();
                        case Explanation.Value.Channels channels -> channels.vector();
                    });
        }
    }

    public static ExplanationAnswer of(List<Explanation.Step> steps) {
        return new ExplanationAnswer(steps.stream().map(ExplainedStep::of).toList());
    }
}
