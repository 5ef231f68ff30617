package batchnorm.web.controller;

import static org.assertj.core.api.Assertions.assertThat;

import batchnorm.layer.ContextStore;
import batchnorm.layer.ForwardingStore;
import batchnorm.layer.LayerName;
import batchnorm.layer.LayerPatch;
import batchnorm.layer.LayerStore;
import batchnorm.layer.LayerSummary;
import batchnorm.layer.Layers;
import batchnorm.layer.Replica;
import batchnorm.normalization.Convention;
import batchnorm.storage.SqliteLayerStore;
import batchnorm.storage.SqliteSettings;
import java.nio.file.Path;
import java.time.Duration;
import java.time.InstantSource;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class NamePatternsTest {

    /// Counts steps instead of measuring noisy times.
    @Test
    void aPatternIsSearchedOnceHoweverOftenItIsRepeated(@TempDir Path data) {
        try (SqliteLayerStore store =
                new SqliteLayerStore(SqliteSettings.in(data), InstantSource.system())) {
            CountingStore counting = new CountingStore(store);
            InstantSource clock = InstantSource.system();
            ContextStore contexts =
                    new ContextStore(
                            1 << 20,
                            Duration.ofMinutes(1),
                            clock,
                            new Replica("a", store.secret()));
            Layers layers = new Layers(counting, contexts, clock);
            for (String name : List.of("wa", "wb")) {
                layers.create(
                        new LayerName(name),
                        Convention.PYTORCH.config(),
                        new LayerPatch(config -> config));
            }
            NamePatterns patterns = new NamePatterns("w*,".repeat(900) + "wa*,wb*,*,wa");
            assertThat(patterns.in(layers))
                    .containsExactly(new LayerName("wa"), new LayerName("wb"));
            assertThat(counting.searches).hasValueLessThan(3);
        }
    }

    private static final class CountingStore extends ForwardingStore {
        private final AtomicInteger searches = new AtomicInteger();

        private CountingStore(LayerStore store) {
            super(store);
        }

        @Override
        public List<LayerSummary> list(int limit, @Nullable LayerName after) {
            searches.incrementAndGet();
            return super.list(limit, after);
        }
    }
}
