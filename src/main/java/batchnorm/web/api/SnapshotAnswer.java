package batchnorm.web.api;

import batchnorm.layer.Snapshot;
import io.swagger.v3.oas.annotations.media.Schema;
import org.jspecify.annotations.Nullable;

/// The layer in a snapshot.
@Schema(name = "Snapshot")
public record SnapshotAnswer(
        @Unwrapped SnapshotEntry summary,
        KnobValues config,
        double @Nullable [] gamma,
        double @Nullable [] beta,
        double @Nullable [] runningMean,
        double @Nullable [] runningVar)
        implements ApiAnswer {

    public static SnapshotAnswer of(Snapshot snapshot) {
        LayerAnswer layer = LayerAnswer.of(snapshot.layer());
        return new SnapshotAnswer(
                SnapshotEntry.of(snapshot.summary()),
                layer.config(),
                layer.gamma(),
                layer.beta(),
                layer.runningMean(),
                layer.runningVar());
    }
}
