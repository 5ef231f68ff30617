package batchnorm.layer;

import java.time.Instant;
import org.jspecify.annotations.Nullable;

/// A snapshot in a list, without its vectors.
///
/// @param version of the saved layer
public record SnapshotSummary(
        long id,
        @Nullable String label,
        Instant takenAt,
        long version,
        @Nullable Integer features,
        long batches) {}
