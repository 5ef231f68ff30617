package batchnorm.storage;

import batchnorm.layer.Layer;
import batchnorm.layer.LayerName;
import batchnorm.layer.LayerStore;
import com.github.benmanes.caffeine.cache.Cache;
import com.github.benmanes.caffeine.cache.Caffeine;
import java.util.Collection;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/// A cache of the last committed versions of recently used layers, within a budget of bytes.
///
/// A reader that loads an old version during a commit must not leave it in the cache. [#get]
/// therefore holds the name's entry while it reads the store, and [#publish] waits for it and then
/// overwrites. A load that begins after the publication reads the committed version.
final class CommittedLayers {
    /// Upper bound of record, strings, config and map entry.
    private static final long OVERHEAD_BYTES = 1024;

    /// Enough for the layers of most models.
    private static final long MAX_BYTES = 64L << 20;

    private final Cache<LayerName, Layer> layers;

    /// Returns the default budget: at most a sixteenth of the heap.
    static long defaultBytes() {
        return Math.min(MAX_BYTES, Runtime.getRuntime().maxMemory() / 16);
    }

    CommittedLayers(long bytes) {
        this.layers =
                Caffeine.newBuilder()
                        .maximumWeight(bytes)
                        .weigher((LayerName _, Layer layer) -> weight(layer))
                        .executor(Runnable::run) // evict on the calling thread
                        .build();
    }

    private static int weight(Layer layer) {
        return (int)
                Math.min(
                        Integer.MAX_VALUE,
                        OVERHEAD_BYTES + LayerStore.vectorBytes(layer.features()));
    }

    /// @param load reads the store; an exception leaves the cache unchanged
    @Nullable Layer get(LayerName name, Function<LayerName, @Nullable Layer> load) {
        return layers.get(name, load);
    }

    @Nullable Layer peek(LayerName name) {
        return layers.getIfPresent(name);
    }

    void put(Layer layer) {
        layers.put(layer.name(), layer);
    }

    /// Installs committed changes.
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
