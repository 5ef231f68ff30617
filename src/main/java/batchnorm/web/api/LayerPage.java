package batchnorm.web.api;

import batchnorm.layer.LayerName;
import batchnorm.layer.LayerSummary;
import batchnorm.normalization.Convention;
import io.swagger.v3.oas.annotations.media.Schema;
import jakarta.validation.constraints.Positive;
import jakarta.validation.constraints.PositiveOrZero;
import java.time.Instant;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// A page of the registry, sorted by name.
///
/// @param next the last name of this page, for the next one; null on the last page
public record LayerPage(List<Entry> layers, @Nullable String next) implements ApiAnswer {

    @Schema(name = "LayerSummary")
    public record Entry(
            LayerName name,
            Convention convention,
            @Positive @Nullable Integer features,
            @PositiveOrZero long numBatchesTracked,
            @Positive long version,
            Instant updatedAt) {

        private static Entry of(LayerSummary layer) {
            return new Entry(
                    layer.name(),
                    layer.convention(),
                    layer.features(),
                    layer.batches(),
                    layer.version(),
                    layer.updatedAt());
        }
    }

    /// @param found up to one layer more than the limit
    public static LayerPage of(List<LayerSummary> found, int limit) {
        boolean more = found.size() > limit;
        List<Entry> entries = found.stream().limit(limit).map(Entry::of).toList();
        return new LayerPage(entries, more ? entries.getLast().name().value() : null);
    }
}
