package batchnorm.admission;

import batchnorm.layer.ForwardingStore;
import batchnorm.layer.Layer;
import batchnorm.layer.LayerName;
import batchnorm.layer.LayerStore;
import batchnorm.layer.LayerSummary;
import batchnorm.layer.Snapshot;
import batchnorm.layer.SnapshotSummary;
import batchnorm.layer.StepRecord;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.function.Function;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/// A store that releases the request's processor permit while it waits for the disk or a database
/// server. It reserves memory for a layer's vectors before they are loaded or created.
public final class PermitReleasingStore extends ForwardingStore {
    /// The vectors that a change of a layer holds, as a multiple: the previous version, the next
    /// one, and the row that is written.
    private static final int CHANGE = 3;

    public PermitReleasingStore(LayerStore store) {
        super(store);
    }

    @Override
    public <T extends @Nullable Object> T writeAll(
            Set<LayerName> names, Function<Transactions, T> work) {
        for (LayerName name : names) {
            reserve(name.value(), CHANGE * vectorBytes(name));
        }
        return whilePaused(() -> super.writeAll(names, work));
    }

    @Override
    public Optional<Layer> read(LayerName name) {
        reserve(name.value(), bytesToRead(name));
        return whilePaused(() -> super.read(name));
    }

    @Override
    public void announce(LayerName name, int features) {
        reserve(name.value(), CHANGE * LayerStore.vectorBytes(features));
    }

    @Override
    public Optional<StepRecord> step(Layer layer, String key) {
        return whilePaused(() -> super.step(layer, key));
    }

    @Override
    public List<SnapshotSummary> snapshots(Layer layer) {
        return whilePaused(() -> super.snapshots(layer));
    }

    @Override
    public Optional<Snapshot> snapshot(Layer layer, long id) {
        super.snapshots(layer).stream()
                .filter(snapshot -> snapshot.id() == id)
                .forEach(snapshot ->
                        reserve(
                                layer.name() + "/" + id,
                                LayerStore.vectorBytes(snapshot.features())));
        return whilePaused(() -> super.snapshot(layer, id));
    }

    @Override
    public List<LayerSummary> list(int limit, @Nullable LayerName after) {
        return whilePaused(() -> super.list(limit, after));
    }

    /// @param what the layer or snapshot of the vectors
    private static void reserve(String what, long bytes) {
        ThrottledRequest request = ThrottledRequest.current();
        if (request != null) {
            request.addVectors(what, bytes);
        }
    }

    private static <T extends @Nullable Object> T whilePaused(Supplier<T> work) {
        ThrottledRequest request = ThrottledRequest.current();
        try (AdmissionControl.Pause _ =
                request == null ? AdmissionControl.Pause.NONE : request.pause()) {
            return work.get();
        }
    }
}
