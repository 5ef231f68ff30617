package batchnorm.service.faults;

import batchnorm.layer.Layer;
import batchnorm.layer.LayerName;
import batchnorm.normalization.BatchStatistics;
import batchnorm.normalization.Convention;
import batchnorm.normalization.Parameters;
import batchnorm.normalization.RunningStatistics;
import batchnorm.service.Answer;
import batchnorm.storage.History;
import java.io.BufferedWriter;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.List;
import tools.jackson.databind.JsonNode;

/// A log of clients' training steps: one JSON object per line, written with the response. Compared
/// with the layer, it shows whether every step was counted once.
final class StepLog implements AutoCloseable {
    private final Path file;
    private final BufferedWriter lines;

    StepLog(Path file) throws IOException {
        this.file = file;
        this.lines = Files.newBufferedWriter(file);
    }

    /// @param begun the time of the step's first request, in nanoseconds
    synchronized void add(String key, long begun, Answer step) throws IOException {
        lines.write(
                "{\"key\":\"%s\",\"begun\":%d,\"answered\":%d,\"version\":%s,\"count\":%s,\"batch_mean\":%s,\"batch_var\":%s}%n"
                        .formatted(
                                key,
                                begun,
                                System.nanoTime(),
                                step.field("version"),
                                step.field("count"),
                                step.field("batch_mean"),
                                step.field("batch_var")));
        lines.flush();
    }

    /// Returns the violations; empty if there are none.
    ///
    /// @param before the response to a GET of the layer before the first step
    /// @param after the response after the last step
    List<String> violations(Answer before, Answer after) throws IOException {
        History history = new History();
        for (String line : Files.readAllLines(file)) {
            JsonNode step = Answer.JSON.readTree(line);
            history.add(
                    new History.Step(
                            step.get("key").stringValue(),
                            step.get("version").longValue(),
                            new BatchStatistics(
                                    step.get("count").intValue(),
                                    Answer.numbers(step.get("batch_mean")),
                                    Answer.numbers(step.get("batch_var"))),
                            step.get("begun").longValue(),
                            step.get("answered").longValue()));
        }
        return history.violations(layer(before), layer(after));
    }

    /// For a layer of the default convention.
    private static Layer layer(Answer answer) {
        return new Layer(
                new LayerName(answer.field("name").stringValue()),
                "as answered",
                answer.field("version").longValue(),
                Instant.parse(answer.field("created_at").stringValue()),
                Instant.parse(answer.field("updated_at").stringValue()),
                Convention.PYTORCH.config(),
                answer.field("features").intValue(),
                new Parameters(answer.numbers("gamma"), answer.numbers("beta")),
                new RunningStatistics(
                        answer.numbers("running_mean"),
                        answer.numbers("running_var"),
                        answer.field("num_batches_tracked").longValue()));
    }

    @Override
    public void close() throws IOException {
        lines.close();
    }
}
