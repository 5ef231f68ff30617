package batchnorm.web.api;

import batchnorm.collective.Finished;
import batchnorm.layer.StepRecord;
import batchnorm.normalization.BatchStatistics;
import batchnorm.normalization.Moments;
import jakarta.validation.constraints.DecimalMax;
import jakarta.validation.constraints.Positive;
import jakarta.validation.constraints.PositiveOrZero;
import org.jspecify.annotations.Nullable;

/// The layer after an accumulation.
public record FinishAnswer(
        @Unwrapped Statistics statistics,
        @PositiveOrZero @DecimalMax("1") @Nullable Double alpha,
        @Positive long version)
        implements ApiAnswer {

    public static FinishAnswer of(Finished finished) {
        return switch (finished) {
            case Finished.Step made -> {
                StepRecord step = made.step();
                yield new FinishAnswer(
                        Statistics.of(step.batch(), step.running()),
                        step.running() == null ? null : (Double) step.alpha(),
                        step.version());
            }
            case Finished.Installed installed -> {
                Moments whole = installed.population();
                yield new FinishAnswer(
                        Statistics.of(
                                new BatchStatistics(whole.count(), whole.mean(), whole.variance()),
                                installed.layer().running()),
                        null,
                        installed.layer().version());
            }
        };
    }
}
