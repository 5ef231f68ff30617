package batchnorm.layer;

import batchnorm.layer.LayerPatch.Vector;
import batchnorm.layer.LayerStore.Transaction;
import batchnorm.layer.LayerStore.Transactions;
import batchnorm.normalization.Aggregation.Result;
import batchnorm.normalization.Aggregation.Source;
import batchnorm.normalization.BatchStatistics;
import batchnorm.normalization.InvalidConfig;
import batchnorm.normalization.Knob;
import batchnorm.normalization.Parameters;
import batchnorm.normalization.RunningStatistics;
import batchnorm.normalization.ShapeMismatch;
import java.time.Instant;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.TreeSet;
import java.util.function.Function;
import java.util.function.UnaryOperator;
import org.jspecify.annotations.Nullable;

/// Aggregates the states of several copies of a layer into one, as in federated averaging.
///
/// The transaction includes the sources, so the result is that of one moment. The arithmetic runs
/// before the transaction, and again inside if a source has changed meanwhile.
public final class Aggregations {
    private static final BatchStatistics NO_BATCH =
            new BatchStatistics(0, new double[0], new double[0]);

    private final Layers layers;
    private final LayerStore store;

    public Aggregations(Layers layers, LayerStore store) {
        this.layers = layers;
        this.store = store;
    }

    /// The layers that an aggregation reads, by name, with the state that they yield.
    private record Computed(Map<LayerName, Layer> sources, Result result) {}

    /// Makes the aggregated state the next version of a layer, durable on return.
    ///
    /// @throws LayerNotFound for the layer or a source
    /// @throws VersionMismatch, LayerFrozen, IdempotencyKeyReused
    /// @throws InvalidConfig when a source averages another kind of variance than the layer
    /// @throws ShapeMismatch when features differ, and the exceptions of [Aggregation#of]
    public Aggregated apply(LayerName name, AggregateRequest request) {
        Layer basis = layers.get(name);
        StepRecord earlier = earlier(request, key -> store.step(basis, key).orElse(null));
        if (earlier != null) {
            return new Aggregated(basis.at(earlier), true);
        }
        Computed computed = compute(request, layers::get);
        layers.announce(name, patch(computed.result()));
        Set<LayerName> names = new TreeSet<>(request.layers());
        names.add(name);
        return store.writeAll(names, transactions -> apply(name, request, computed, transactions));
    }

    private Aggregated apply(
            LayerName name, AggregateRequest request, Computed computed, Transactions all) {
        Transaction transaction = all.of(name);
        Layer current = Layers.current(name, transaction);
        StepRecord earlier = earlier(request, transaction::step);
        if (earlier != null) {
            return new Aggregated(current.at(earlier), true);
        }
        request.precondition().check(current);
        Function<LayerName, Layer> now = source -> Layers.current(source, all.of(source));
        Computed valid = isCurrent(computed, now) ? computed : compute(request, now);
        valid.sources().values().forEach(source -> requireSameVariance(source, current));
        Layer next = next(current, valid.result(), layers.now());
        transaction.put(next);
        if (request.idempotencyKey() != null) {
            transaction.record(record(next, request));
        }
        return new Aggregated(next, false);
    }

    private static boolean isCurrent(Computed computed, Function<LayerName, Layer> now) {
        return computed.sources().entrySet().stream()
                .allMatch(read -> read.getValue().tag().equals(now.apply(read.getKey()).tag()));
    }

    private static Computed compute(AggregateRequest request, Function<LayerName, Layer> read) {
        Map<LayerName, Layer> sources = new LinkedHashMap<>();
        List<Source> states = new ArrayList<>(request.parts());
        for (LayerName name : request.layers()) {
            Layer layer = read.apply(name);
            states.add(source(layer, sources.size(), request.weights()[sources.size()]));
            sources.put(name, layer);
        }
        return new Computed(sources, request.rules().of(states));
    }

    private static Source source(Layer layer, int index, double weight) {
        String path = "sources[" + index + "]";
        String title = path + " (layer \"" + layer.name() + "\")";
        Parameters parameters = layer.parameters();
        RunningStatistics running = layer.running();
        if (parameters == null) {
            throw new ShapeMismatch(
                    path, title + " has no features yet; train it, or leave it out");
        }
        return new Source(
                path,
                title,
                weight,
                parameters.gamma(),
                parameters.beta(),
                running == null ? null : running.mean(),
                running == null ? null : running.variance(),
                running == null ? null : running.batches());
    }

    private static void requireSameVariance(Layer source, Layer layer) {
        Knob.RunningVariance kind = source.config().runningVariance();
        if (kind != layer.config().runningVariance()) {
            throw new InvalidConfig(
                    "sources",
                    "layer \"%s\" averages the %s variance, but layer \"%s\" the %s one"
                            .formatted(
                                    source.name(),
                                    Knob.word(kind),
                                    layer.name(),
                                    Knob.word(layer.config().runningVariance())));
        }
    }

    private static Layer next(Layer current, Result result, Instant now) {
        if (current.features() != null && current.features() != result.features()) {
            throw new ShapeMismatch(
                    "sources",
                    "the sources have %d features, but layer \"%s\" has %d"
                            .formatted(result.features(), current.name(), current.features()));
        }
        return current.revised(patch(result), now);
    }

    private static LayerPatch patch(Result result) {
        LayerPatch patch = new LayerPatch(UnaryOperator.identity());
        put(patch, Vector.GAMMA, result.gamma());
        put(patch, Vector.BETA, result.beta());
        put(patch, Vector.RUNNING_MEAN, result.mean());
        put(patch, Vector.RUNNING_VAR, result.variance());
        return patch.withBatches(result.batches());
    }

    private static void put(LayerPatch patch, Vector vector, double @Nullable [] values) {
        if (values != null) {
            patch.with(vector, values);
        }
    }

    private static @Nullable StepRecord earlier(
            AggregateRequest request, Function<String, @Nullable StepRecord> recorded) {
        String key = request.idempotencyKey();
        StepRecord earlier = key == null ? null : recorded.apply(key);
        if (key != null && earlier == null) {
            earlier = recorded.apply(CallersKey.withoutCaller(key));
        }
        if (earlier != null && !earlier.fingerprint().equals(request.fingerprint())) {
            throw new IdempotencyKeyReused();
        }
        return earlier;
    }

    private static StepRecord record(Layer next, AggregateRequest request) {
        return new StepRecord(
                Objects.requireNonNull(request.idempotencyKey()),
                Objects.requireNonNull(request.fingerprint()),
                next.version(),
                next.updatedAt(),
                next.config(),
                Objects.requireNonNull(next.parameters()),
                NO_BATCH,
                0,
                next.running(),
                null);
    }
}
