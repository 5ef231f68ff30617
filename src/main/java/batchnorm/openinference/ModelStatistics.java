package batchnorm.openinference;

import batchnorm.codec.Message;
import batchnorm.layer.LayerName;
import java.time.InstantSource;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/// Counts and durations of each model's inference requests since startup, as in Triton's statistics
/// extension.
///
/// Only the most recently used models are retained, which bounds the memory.
final class ModelStatistics {
    private static final int MODELS = 1_000;

    private final InstantSource clock;
    private final Map<LayerName, Counters> models =
            new LinkedHashMap<>(16, 0.75f, true) {
                private static final long serialVersionUID = 1;

                @Override
                protected boolean removeEldestEntry(Map.Entry<LayerName, Counters> eldest) {
                    return size() > MODELS;
                }
            };

    ModelStatistics(InstantSource clock) {
        this.clock = clock;
    }

    /// Counts a successful request.
    ///
    /// @param rows in its batch
    /// @param nanos of decoding, computing and encoding
    synchronized void succeeded(LayerName model, long rows, long... nanos) {
        Counters counters = models.computeIfAbsent(model, name -> new Counters());
        counters.lastInference = clock.millis();
        counters.inferences += rows;
        counters.success.add(nanos[0] + nanos[1] + nanos[2]);
        counters.input.add(nanos[0]);
        counters.infer.add(nanos[1]);
        counters.output.add(nanos[2]);
    }

    /// Counts a rejected request.
    synchronized void rejected(LayerName model, long nanos) {
        models.computeIfAbsent(model, name -> new Counters()).fail.add(nanos);
    }

    synchronized Message of(LayerName model, long version) {
        Counters counters = models.getOrDefault(model, new Counters());
        Duration none = new Duration();
        return new Message()
                .with("name", model.value())
                .with("version", Long.toString(version))
                .with("last_inference", (Long) counters.lastInference)
                .with("inference_count", (Long) counters.inferences)
                .with("execution_count", (Long) counters.success.count)
                .with(
                        "inference_stats",
                        new Message()
                                .with("success", counters.success.message())
                                .with("fail", counters.fail.message())
                                .with("queue", none.message())
                                .with("compute_input", counters.input.message())
                                .with("compute_infer", counters.infer.message())
                                .with("compute_output", counters.output.message())
                                .with("cache_hit", none.message())
                                .with("cache_miss", none.message()))
                .with("batch_stats", List.of());
    }

    /// Returns the models with statistics.
    synchronized List<LayerName> names() {
        return models.keySet().stream().sorted().toList();
    }

    private static final class Counters {
        private long lastInference;
        private long inferences;
        private final Duration success = new Duration();
        private final Duration fail = new Duration();
        private final Duration input = new Duration();
        private final Duration infer = new Duration();
        private final Duration output = new Duration();
    }

    private static final class Duration {
        private long count;
        private long nanos;

        void add(long more) {
            count++;
            nanos += more;
        }

        Message message() {
            return new Message().with("count", (Long) count).with("ns", (Long) nanos);
        }
    }
}
