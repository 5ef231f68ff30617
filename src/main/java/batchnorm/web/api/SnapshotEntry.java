package batchnorm.web.api;

import batchnorm.layer.SnapshotSummary;
import io.swagger.v3.oas.annotations.media.Schema;
import jakarta.validation.constraints.Positive;
import jakarta.validation.constraints.PositiveOrZero;
import jakarta.validation.constraints.Size;
import java.time.Instant;
import org.jspecify.annotations.Nullable;

/// A snapshot in a list.
@Schema(name = "SnapshotSummary")
public record SnapshotEntry(
        @Positive long id,
        @Size(max = TakeSnapshotRequest.MAX_LABEL) @Nullable String label,
        Instant takenAt,
        @Positive long version,
        @Positive @Nullable Integer features,
        @PositiveOrZero long numBatchesTracked)
        implements ApiAnswer {

    public static SnapshotEntry of(SnapshotSummary snapshot) {
        return new SnapshotEntry(
                snapshot.id(),
                snapshot.label(),
                snapshot.takenAt(),
                snapshot.version(),
                snapshot.features(),
                snapshot.batches());
    }
}
