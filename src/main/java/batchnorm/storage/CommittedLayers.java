package batchnorm.storage;

import batchnorm.layer.Layer;
import batchnorm.layer.LayerName;
import batchnorm.layer.LayerStore;
import com.github.benmanes.caffeine.cache.Cache;
import com.github.benmanes.caffeine.cache.Caffeine;
import java.util.Collection;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/// The last committed version of layers that were used lately, within a budget of bytes.
///
/// A reader that loads an old version while the next one is committed must not leave the old one
/// here. So loads go through the cache: [#get] holds the name's entry while it reads the store,
/// [#publish] waits for it and has the last word. A load that begins after the publication reads
/// what was committed before it.
final class CommittedLayers {
    /// Record, strings, config and map entry, generously.
    private static final long OVERHEAD_BYTES = 1024;

    /// Enough for the layers of most models.
    private static final long MOST_BYTES = 64L << 20;

    private final Cache<LayerName, Layer> layers;

    /// What they may take by default: at most a sixteenth of the heap.
    static long defaultBytes() {
        return Math.min(MOST_BYTES, Runtime.getRuntime().maxMemory() / 16);
    }

    CommittedLayers(long bytes) {
        this.layers =
                Caffeine.newBuilder()
                        .maximumWeight(bytes)
                        .weigher((LayerName _, Layer layer) -> weight(layer))
                        .executor(Runnable::run) // evict now, not in another thread later
                        .build();
    }

    private static int weight(Layer layer) {
        return (int)
                Math.min(
                        Integer.MAX_VALUE,
                        OVERHEAD_BYTES + LayerStore.vectorBytes(layer.features()));
    }

    /// @param load reads the store; an exception leaves nothing here
    @Nullable Layer get(LayerName name, Function<LayerName, @Nullable Layer> load) {
        return layers.get(name, load);
    }

    @Nullable Layer peek(LayerName name) {
        return layers.getIfPresent(name);
    }

    void put(Layer layer) {
        layers.put(layer.name(), layer);
    }

    /// Installs what was committed.
    void publish(Collection<LayerUnitOfWork> drafts) {
        for (LayerUnitOfWork draft : drafts) {
            Layer layer = draft.layer();
            if (layer == null) {
                forget(draft.name());
            } else {
                put(layer);
            }
        }
    }

    void forget(LayerName name) {
        layers.invalidate(name);
    }
}
