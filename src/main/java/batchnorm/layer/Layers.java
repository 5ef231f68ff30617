package batchnorm.layer;

import batchnorm.normalization.Config;
import batchnorm.normalization.Convention;
import batchnorm.normalization.Conversion;
import batchnorm.normalization.Moments;
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

/// The registry: layers by name. Every change of a layer goes through here, one after another.
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

    private void announce(LayerName name, LayerPatch revision) {
        Integer features = revision.features(null);
        if (features != null && features <= Layer.MAX_FEATURES) {
            store.announce(name, features);
        }
    }

    /// Creates several layers as one change: all of them, or none.
    ///
    /// @param wanted each under a name of its own
    /// @param replace whether layers that have these names become these, as their next version;
    ///   snapshots, recorded steps and contexts stay
    /// @return as they are now
    /// @throws LayerExists when names are taken, and their layers are not to be replaced
    /// @throws LayerCorrupt for a damaged layer: its next version is unknown, and only its deletion
    ///   makes room
    /// @throws batchnorm.normalization.InvalidConfig, batchnorm.normalization.NonFiniteValue
    public List<Layer> createAll(List<NewLayer> wanted, boolean replace) {
        Instant now = now();
        SortedMap<LayerName, Layer> made = new TreeMap<>();
        for (NewLayer layer : wanted) {
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

    /// @throws LayerNotFound when there is none
    public Layer get(LayerName name) {
        return store.read(name).orElseThrow(() -> new LayerNotFound(name));
    }

    /// A layer as a batch sees it: with vectors at their initial values where no batch has decided
    /// the features yet.
    ///
    /// @throws batchnorm.normalization.ShapeMismatch when the layer has other features
    /// @throws Overloaded when there is no memory for new vectors
    Layer sized(Layer layer, int features) {
        if (layer.features() == null && features <= Layer.MAX_FEATURES) {
            store.announce(layer.name(), features);
        }
        return layer.withFeatures(features, "input");
    }

    /// A page of layers, ordered by name.
    public List<LayerSummary> list(int limit, @Nullable LayerName after) {
        return store.list(limit, after);
    }

    /// What a list shows of one layer, found without reading a vector.
    public Optional<LayerSummary> summary(LayerName name) {
        return store.list(1, LayerName.lastBefore(name.value())).stream()
                .filter(layer -> layer.name().equals(name))
                .findFirst();
    }

    /// The names that begin so, in their order.
    ///
    /// @param limit of how many, at most
    /// @throws LayerName.InvalidName when no name can begin so
    public List<LayerName> under(String beginning, int limit) {
        List<LayerName> found = new ArrayList<>();
        LayerName after = LayerName.lastBefore(beginning);
        while (found.size() < limit) {
            int wanted = Math.min(PAGE, limit - found.size());
            List<LayerSummary> page = store.list(wanted, after);
            for (LayerSummary layer : page) {
                if (!layer.name().value().startsWith(beginning)) {
                    return found;
                }
                found.add(layer.name());
            }
            if (page.size() < wanted) {
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

    /// Says a layer again in another convention's words.
    ///
    /// @param dryRun whether only to tell what it would be
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

    /// Running statistics back to their initial values.
    ///
    /// @throws LayerNotFound, VersionMismatch
    public Layer reset(LayerName name, Precondition precondition) {
        return change(name, precondition, Layer::reset);
    }

    /// Running statistics become those of a population.
    ///
    /// @param batches how many batches it counts as
    /// @throws LayerNotFound, VersionMismatch, batchnorm.normalization.InvalidConfig,
    ///   batchnorm.normalization.InvalidMoments, batchnorm.normalization.ShapeMismatch
    public Layer install(
            LayerName name, Precondition precondition, Moments population, long batches) {
        return change(
                name,
                precondition,
                (layer, now) -> new ExternalMoments(population).installedIn(layer, batches, now));
    }

    /// Running statistics are merged with those of other values.
    ///
    /// @param runningCount the values per channel that the running statistics stand for
    /// @throws LayerNotFound, VersionMismatch, batchnorm.normalization.InvalidConfig,
    ///   batchnorm.normalization.InvalidMoments, batchnorm.normalization.ShapeMismatch
    public Layer merge(
            LayerName name, Precondition precondition, Moments others, long runningCount) {
        return change(
                name,
                precondition,
                (layer, now) -> new ExternalMoments(others).mergedInto(layer, runningCount, now));
    }

    /// Deletes the layer, its recorded steps and its contexts; a damaged layer too, whatever its
    /// version was.
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

    /// To the microsecond, which every store keeps.
    Instant now() {
        return clock.instant().truncatedTo(ChronoUnit.MICROS);
    }
}
