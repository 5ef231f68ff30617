package batchnorm.layer;

import batchnorm.normalization.Config;
import batchnorm.normalization.Convention;
import batchnorm.normalization.Conversion;
import batchnorm.normalization.Knob;
import batchnorm.normalization.Moments;
import batchnorm.normalization.RunningStatistics;
import java.time.Instant;
import java.time.InstantSource;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.function.BiFunction;
import org.jspecify.annotations.Nullable;

/// The registry of layers by name. Serializes the changes of each layer.
public final class Layers {
    private static final int PAGE = 256;
    private final LayerStore store;
    private final ContextStore contexts;
    private final InstantSource clock;

    public Layers(LayerStore store, ContextStore contexts, InstantSource clock) {
        this.store = store;
        this.contexts = contexts;
        this.clock = clock;
    }

    /// @throws LayerExists when the name is taken
    /// @throws batchnorm.normalization.InvalidConfig, batchnorm.normalization.NonFiniteValue
    public Layer create(LayerName name, Config config, LayerPatch revision) {
        announce(name, revision);
        Layer layer = Layer.create(name, config, revision, now());
        return store.write(
                layer.name(),
                transaction -> {
                    if (transaction.layer() != null) {
                        throw new LayerExists(layer.name());
                    }
                    transaction.put(layer);
                    return layer;
                });
    }

    void announce(LayerName name, LayerPatch revision) {
        Integer features = revision.features(null);
        if (features != null && features <= Layer.MAX_FEATURES) {
            store.announce(name, features);
        }
    }

    /// Creates several layers atomically.
    ///
    /// @param requested layers with distinct names
    /// @param replace whether existing layers of these names take these values as their next
    ///   version; snapshots, recorded steps and contexts stay
    /// @return the installed versions
    /// @throws LayerExists when names are taken and `replace` is false
    /// @throws LayerCorrupt for a damaged layer: its next version is unknown, and it must be
    ///   deleted first
    /// @throws batchnorm.normalization.InvalidConfig, batchnorm.normalization.NonFiniteValue
    public List<Layer> createAll(List<NewLayer> requested, boolean replace) {
        Instant now = now();
        SortedMap<LayerName, Layer> made = new TreeMap<>();
        for (NewLayer layer : requested) {
            announce(layer.name(), layer.revision());
            made.put(
                    layer.name(),
                    Layer.create(layer.name(), layer.config(), layer.revision(), now));
        }
        return store.writeAll(made.keySet(), transactions -> install(made, transactions, replace));
    }

    private List<Layer> install(
            SortedMap<LayerName, Layer> made,
            LayerStore.Transactions transactions,
            boolean replace) {
        List<LayerName> taken =
                made.keySet().stream().filter(name -> exists(transactions.of(name))).toList();
        if (!replace && !taken.isEmpty()) {
            throw new LayerExists(taken);
        }
        List<Layer> installed = new ArrayList<>();
        made.forEach((name, layer) -> {
            LayerStore.Transaction transaction = transactions.of(name);
            Layer current = transaction.layer();
            Layer next = current == null ? layer : current.restored(layer, now());
            transaction.put(next);
            if (transaction.optimizer() != null) {
                transaction.remember(OptimizerState.NONE);
            }
            installed.add(next);
        });
        return List.copyOf(installed);
    }

    private static boolean exists(LayerStore.Transaction transaction) {
        try {
            return transaction.layer() != null;
        } catch (LayerCorrupt damaged) {
            return true;
        }
    }

    /// @throws LayerNotFound when the layer does not exist
    public Layer get(LayerName name) {
        return store.read(name).orElseThrow(() -> new LayerNotFound(name));
    }

    /// Returns a layer for a batch, with vectors at their initial values if no batch has decided
    /// the features.
    ///
    /// @throws batchnorm.normalization.ShapeMismatch when the layer has a different number of
    ///   features
    /// @throws Overloaded when new vectors exceed the memory budget
    Layer sized(Layer layer, int features) {
        if (layer.features() == null && features <= Layer.MAX_FEATURES) {
            store.announce(layer.name(), features);
        }
        return layer.withFeatures(features, "input");
    }

    /// Returns a page of layers, ordered by name.
    public List<LayerSummary> list(int limit, @Nullable LayerName after) {
        return store.list(limit, after);
    }

    /// Returns the summary of a layer, without reading its vectors.
    public Optional<LayerSummary> summary(LayerName name) {
        return store.list(1, LayerName.lastBefore(name.value())).stream()
                .filter(layer -> layer.name().equals(name))
                .findFirst();
    }

    /// Returns the names with the given prefix, in order.
    ///
    /// @param limit the maximum number of names
    /// @throws LayerName.InvalidName when no name can have the prefix
    public List<LayerName> under(String prefix, int limit) {
        List<LayerName> found = new ArrayList<>();
        LayerName after = LayerName.lastBefore(prefix);
        while (found.size() < limit) {
            int requested = Math.min(PAGE, limit - found.size());
            List<LayerSummary> page = store.list(requested, after);
            for (LayerSummary layer : page) {
                if (!layer.name().value().startsWith(prefix)) {
                    return found;
                }
                found.add(layer.name());
            }
            if (page.size() < requested) {
                return found;
            }
            after = page.getLast().name();
        }
        return found;
    }

    /// Changes knobs and vectors.
    ///
    /// @throws LayerNotFound, VersionMismatch, batchnorm.normalization.InvalidConfig
    public Layer revise(LayerName name, Precondition precondition, LayerPatch revision) {
        return change(name, precondition, (layer, now) -> layer.revised(revision, now));
    }

    private Layer change(
            LayerName name, Precondition precondition, BiFunction<Layer, Instant, Layer> change) {
        return store.write(
                name,
                transaction -> {
                    Layer current = current(name, transaction);
                    precondition.check(current);
                    Layer next = change.apply(current, now());
                    transaction.put(next);
                    return next;
                });
    }

    /// Converts a layer to another convention.
    ///
    /// @param dryRun whether to return the conversion without installing it
    /// @throws LayerNotFound, VersionMismatch
    public Converted convert(
            LayerName name, Precondition precondition, Convention convention, boolean dryRun) {
        if (dryRun) {
            Layer current = get(name);
            precondition.check(current);
            return converted(current, convention, current.version(), current.updatedAt());
        }
        return store.write(
                name,
                transaction -> {
                    Layer current = current(name, transaction);
                    precondition.check(current);
                    Converted next = converted(current, convention, current.version() + 1, now());
                    transaction.put(next.layer());
                    return next;
                });
    }

    private static Converted converted(
            Layer current, Convention convention, long version, Instant asOf) {
        Conversion conversion = Conversion.of(current.config(), current.running(), convention);
        return new Converted(current.converted(conversion, version, asOf), conversion);
    }

    /// Resets the running statistics to their initial values.
    ///
    /// @throws LayerNotFound, VersionMismatch
    public Layer reset(LayerName name, Precondition precondition) {
        return change(name, precondition, Layer::reset);
    }

    /// Replaces the running statistics by those of a population.
    ///
    /// @param batches the number of batches that the population counts as
    /// @throws LayerNotFound, VersionMismatch, batchnorm.normalization.InvalidConfig,
    ///   batchnorm.normalization.InvalidMoments, batchnorm.normalization.ShapeMismatch
    public Layer install(
            LayerName name, Precondition precondition, Moments population, long batches) {
        return change(
                name,
                precondition,
                (layer, now) -> new ExternalMoments(population).installedIn(layer, batches, now));
    }

    /// Replaces the running statistics.
    ///
    /// @param kind of the variances
    /// @throws LayerNotFound, VersionMismatch, LayerFrozen, batchnorm.normalization.InvalidConfig,
    ///   batchnorm.normalization.ShapeMismatch
    public Layer install(
            LayerName name,
            Precondition precondition,
            RunningStatistics statistics,
            Knob.RunningVariance kind) {
        return change(
                name,
                precondition,
                (layer, now) -> ExternalMoments.installed(statistics, kind, layer, now));
    }

    /// Merges the running statistics with those of other values.
    ///
    /// @param runningCount the values per channel that the running statistics represent
    /// @throws LayerNotFound, VersionMismatch, batchnorm.normalization.InvalidConfig,
    ///   batchnorm.normalization.InvalidMoments, batchnorm.normalization.ShapeMismatch
    public Layer merge(
            LayerName name, Precondition precondition, Moments others, long runningCount) {
        return change(
                name,
                precondition,
                (layer, now) -> new ExternalMoments(others).mergedInto(layer, runningCount, now));
    }

    /// Deletes the layer, its recorded steps and its contexts. Deletes a damaged layer regardless
    /// of the precondition.
    ///
    /// @throws LayerNotFound, VersionMismatch
    public void delete(LayerName name, Precondition precondition) {
        Optional<Layer> deleted =
                store.write(
                        name,
                        transaction -> {
                            Optional<Layer> current = readable(name, transaction);
                            current.ifPresent(precondition::check);
                            transaction.delete();
                            return current;
                        });
        deleted.ifPresent(contexts::forget);
    }

    private static Optional<Layer> readable(LayerName name, LayerStore.Transaction transaction) {
        try {
            return Optional.of(current(name, transaction));
        } catch (LayerCorrupt damaged) {
            return Optional.empty();
        }
    }

    static Layer current(LayerName name, LayerStore.Transaction transaction) {
        Layer current = transaction.layer();
        if (current == null) {
            throw new LayerNotFound(name);
        }
        return current;
    }

    /// Returns the current time, truncated to the microseconds that every store keeps.
    Instant now() {
        return clock.instant().truncatedTo(ChronoUnit.MICROS);
    }
}
