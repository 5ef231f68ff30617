package batchnorm.storage;

import static batchnorm.storage.WriterProcess.FEATURES;
import static batchnorm.storage.WriterProcess.NAME;
import static java.util.Objects.requireNonNull;

import batchnorm.layer.Layer;
import batchnorm.layer.LayerStore;
import java.io.BufferedReader;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/// Checks the logs of killed writer processes against the store they left.
final class WriterLog {
    private final History history = new History();
    private final Map<String, Long> begun = new HashMap<>();

    /// Checks a data directory whose layer was created by [#create] and changed only by the logged
    /// steps.
    ///
    /// @param arguments the data directory, then `create` or the logs of all runs, in order
    public static void main(String[] arguments) throws IOException {
        List<String> words = List.of(arguments);
        SqliteSettings settings = SqliteSettings.in(Path.of(words.getFirst()));
        try (SqliteLayerStore store = new SqliteLayerStore(settings, Samples.CLOCK)) {
            if (words.get(1).equals("create")) {
                create(store);
                return;
            }
            WriterLog log = new WriterLog();
            for (String file : words.subList(1, words.size())) {
                try (BufferedReader lines = Files.newBufferedReader(Path.of(file))) {
                    log.read(lines, Integer.MAX_VALUE);
                }
            }
            List<String> violations = log.retryAndCheck(store);
            System.out.printf("%d steps, %d violations%n", log.size(), violations.size());
            violations.stream().limit(3).forEach(System.out::println);
            System.exit(violations.isEmpty() ? 0 : 1);
        }
    }

    /// Returns the layer that writers train, identical except for its incarnation.
    static Layer create(LayerStore store) {
        return Samples.create(store, Samples.layer(NAME, FEATURES));
    }

    int size() {
        return history.size();
    }

    /// Reads until the given number of further steps was acknowledged or the writer has ended.
    ///
    /// @return the number of acknowledged steps
    int read(BufferedReader lines, int atMost) throws IOException {
        int done = 0;
        for (String line; done < atMost && (line = lines.readLine()) != null; ) {
            List<String> words = List.of(line.split(" "));
            switch (words.getFirst()) {
                case "begin" -> begun.put(words.get(1), Long.parseLong(words.get(2)));
                case "done" -> {
                    acknowledged(
                            words.get(1),
                            Long.parseLong(words.get(2)),
                            Long.parseLong(words.get(3)));
                    done++;
                }
                default -> {} // a failure, or a library's log
            }
        }
        return done;
    }

    private void acknowledged(String key, long time, long version) {
        long begin = requireNonNull(begun.remove(key));
        history.add(
                new History.Step(
                        key, version, Samples.batch(key.hashCode(), FEATURES), begin, time));
    }

    /// Retries every unacknowledged step, as a client does, and prints the violations.
    List<String> retryAndCheck(LayerStore store) {
        TrainingClient client = new TrainingClient(store, NAME);
        for (String key : List.copyOf(begun.keySet())) {
            long version = client.step(key, Samples.batch(key.hashCode(), FEATURES));
            acknowledged(key, System.nanoTime(), version);
        }
        return history.violations(Samples.layer(NAME, FEATURES), store.read(NAME).orElseThrow());
    }
}
