package batchnorm.storage;

import batchnorm.layer.LayerName;
import batchnorm.normalization.BatchStatistics;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.InstantSource;
import java.util.Comparator;
import java.util.List;
import java.util.concurrent.atomic.LongAdder;
import java.util.stream.Stream;
import org.sqlite.SQLiteConfig.SynchronousMode;

/// Measures the cost of durability: steps per second of a layer of 256 channels, with and without
/// it, for growing numbers of writers. A program, not a test; prints a table.
final class CommitRate {
    private static final LayerName NAME = Samples.name("layer");
    private static final int FEATURES = 256;
    private static final Duration WARM_UP = Duration.ofSeconds(1);
    private static final Duration MEASURED =
            Duration.ofMillis(Integer.getInteger("batchnorm.rate.milliseconds", 3000));
    private static final BatchStatistics BATCH = Samples.batch(1, FEATURES);

    private final Path parent;
    private final boolean keyed;

    private CommitRate(Path parent, boolean keyed) {
        this.parent = parent;
        this.keyed = keyed;
    }

    /// Measures in a directory of this disk.
    ///
    /// @param arguments the directory of the stores, and `keyed` for steps with an idempotency key
    public static void main(String[] arguments) throws Exception {
        Path parent = Files.createDirectories(Path.of(arguments[0]));
        boolean keyed = List.of(arguments).contains("keyed");
        new CommitRate(parent, keyed).print();
    }

    private void print() throws Exception {
        System.out.println(
                "| writers | durable, steps/s | steps per commit | not durable, steps/s | ratio |");
        System.out.println("|---:|---:|---:|---:|---:|");
        for (int writers : List.of(1, 2, 4, 8, 16, 64)) {
            Rate durable = measure(writers, SynchronousMode.FULL);
            Rate fast = measure(writers, SynchronousMode.OFF);
            System.out.printf(
                    "| %d | %.0f | %.1f | %.0f | %.0f %% |%n",
                    writers,
                    durable.steps,
                    durable.steps / durable.commits,
                    fast.steps,
                    100 * durable.steps / fast.steps);
        }
    }

    /// Steps and commits per second.
    private record Rate(double steps, double commits) {}

    private Rate measure(int writers, SynchronousMode synchronous) throws Exception {
        Path directory = Files.createTempDirectory(parent, "rate");
        try (SqliteLayerStore store =
                new SqliteLayerStore(
                        SqliteSettings.in(directory), InstantSource.system(), synchronous)) {
            Samples.create(store, Samples.layer(NAME, FEATURES));
            LongAdder steps = new LongAdder();
            long begun = System.nanoTime();
            long ends = begun + WARM_UP.plus(MEASURED).toNanos();
            for (int writer = 0; writer < writers; writer++) {
                String prefix = writer + "-";
                Thread.ofVirtual().start(() -> train(store, prefix, ends, steps));
            }
            Thread.sleep(WARM_UP);
            long stepsBefore = steps.sum();
            long commitsBefore = store.commits();
            Thread.sleep(MEASURED);
            double seconds = MEASURED.toMillis() / 1000.0;
            Rate rate =
                    new Rate(
                            (steps.sum() - stepsBefore) / seconds,
                            (store.commits() - commitsBefore) / seconds);
            Thread.sleep(200);
            return rate;
        } finally {
            delete(directory);
        }
    }

    private void train(SqliteLayerStore store, String prefix, long ends, LongAdder steps) {
        TrainingClient client = new TrainingClient(store, NAME);
        for (int i = 0; System.nanoTime() < ends; i++) {
            if (keyed) {
                client.step(prefix + i, BATCH);
            } else {
                client.step(BATCH);
            }
            steps.increment();
        }
    }

    private static void delete(Path directory) throws IOException {
        try (Stream<Path> files = Files.walk(directory)) {
            for (Path path : files.sorted(Comparator.reverseOrder()).toList()) {
                Files.delete(path);
            }
        }
    }
}
