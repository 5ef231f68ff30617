package batchnorm.web.api;

import batchnorm.normalization.Explanation;
import io.swagger.v3.oas.annotations.media.Schema;
import java.util.List;

/// The steps of a forward and a backward.
@Schema(name = "Explanation")
public record ExplanationAnswer(List<Step> steps) implements ApiAnswer {

    /// @param value a tensor of the input's shape, or a vector with one number per channel
    public record Step(String name, String formula, Object value) {

        private static Step of(Explanation.Step step) {
            return new Step(
                    step.name(),
                    step.formula(),
                    switch (step.value()) {
                        case Explanation.Value.Elements elements -> elements.tensor();
                        case Explanation.Value.Channels channels -> channels.vector();
                    });
        }
    }

    public static ExplanationAnswer of(List<Explanation.Step> steps) {
        return new ExplanationAnswer(steps.stream().map(Step::of).toList());
    }
}
