package batchnorm.storage;

import static java.util.Objects.requireNonNull;

import batchnorm.layer.CommitOutcomeUnknown;
import batchnorm.layer.Layer;
import batchnorm.layer.LayerName;
import batchnorm.layer.LayerNotFound;
import batchnorm.layer.LayerStore;
import batchnorm.layer.LayerStore.Transaction;
import batchnorm.layer.Overloaded;
import batchnorm.layer.StepRecord;
import batchnorm.layer.StoreUnavailable;
import batchnorm.normalization.BatchStatistics;

/// A client that trains a layer, with and without idempotency keys, like the registry.
final class TrainingClient {
    private final LayerStore store;
    private final LayerName name;

    TrainingClient(LayerStore store, LayerName name) {
        this.store = store;
        this.name = name;
    }

    /// Makes one step, which every retry repeats.
    ///
    /// @return the resulting version
    long step(BatchStatistics batch) {
        return store.write(name, transaction -> train(transaction, batch).version());
    }

    /// Makes one step, counted once however often it is retried with this key.
    long step(String key, BatchStatistics batch) {
        return store.write(
                name,
                transaction -> {
                    StepRecord known = transaction.step(key);
                    if (known != null) {
                        return known.version();
                    }
                    Layer next = train(transaction, batch);
                    transaction.record(record(key, next, batch));
                    return next.version();
                });
    }

    /// Makes one step, retrying until it is acknowledged.
    ///
    /// @return the client's record of the step
    History.Step persist(String key, BatchStatistics batch) {
        long begun = System.nanoTime();
        while (true) {
            try {
                long version = step(key, batch);
                return new History.Step(key, version, batch, begun, System.nanoTime());
            } catch (CommitOutcomeUnknown | StoreUnavailable | Overloaded notAnswered) {
                Thread.onSpinWait();
            }
        }
    }

    private Layer train(Transaction transaction, BatchStatistics batch) {
        Layer layer = transaction.layer();
        if (layer == null) {
            throw new LayerNotFound(name);
        }
        Layer next = layer.trained(batch, Samples.NOW);
        transaction.put(next);
        return next;
    }

    static StepRecord record(String key, Layer next, BatchStatistics batch) {
        return new StepRecord(
                key,
                "fingerprint of " + key,
                next.version(),
                next.updatedAt(),
                next.config(),
                requireNonNull(next.parameters()),
                batch,
                next.config().alpha(next.batches()),
                next.running(),
                null);
    }
}
