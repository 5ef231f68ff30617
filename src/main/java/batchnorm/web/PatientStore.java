package batchnorm.web;

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

/// A store whose callers want no processor while they wait for it: not for the disk, which makes
/// steps durable that wait together, nor for the database's server.
public final class PatientStore extends ForwardingStore {

    public PatientStore(LayerStore store) {
        super(store);
    }

    @Override
    public <T extends @Nullable Object> T writeAll(
            Set<LayerName> names, Function<Transactions, T> work) {
        return patiently(() -> super.writeAll(names, work));
    }

    @Override
    public Optional<Layer> read(LayerName name) {
        return patiently(() -> super.read(name));
    }

    @Override
    public Optional<StepRecord> step(Layer layer, String key) {
        return patiently(() -> super.step(layer, key));
    }

    @Override
    public List<SnapshotSummary> snapshots(Layer layer) {
        return patiently(() -> super.snapshots(layer));
    }

    @Override
    public Optional<Snapshot> snapshot(Layer layer, long id) {
        return patiently(() -> super.snapshot(layer, id));
    }

    @Override
    public List<LayerSummary> list(int limit, @Nullable LayerName after) {
        return patiently(() -> super.list(limit, after));
    }

    private static <T extends @Nullable Object> T patiently(Supplier<T> question) {
        AdmittedRequest request = AdmittedRequest.current();
        try (Admission.Pause _ = request == null ? Admission.Pause.NONE : request.pause()) {
            return question.get();
        }
    }
}
