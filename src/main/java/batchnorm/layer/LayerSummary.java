package batchnorm.layer;

import batchnorm.normalization.Convention;
import java.time.Instant;
import org.jspecify.annotations.Nullable;

/// A layer in a list, without its vectors.
public record LayerSummary(
        LayerName name,
        Convention convention,
        @Nullable Integer features,
        long batches,
        long version,
        Instant updatedAt) {}
