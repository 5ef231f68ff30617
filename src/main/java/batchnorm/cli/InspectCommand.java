package batchnorm.cli;

import batchnorm.checkpoint.Inspection;
import batchnorm.checkpoint.Inspection.InspectedLayer;
import batchnorm.checkpoint.Inspector;
import batchnorm.codec.Message;
import batchnorm.codec.json.JsonCodec;
import batchnorm.normalization.Warning;
import batchnorm.tensor.DecimalText;
import batchnorm.web.api.InspectAnswer;
import batchnorm.web.binding.AnswerMessage;
import java.io.IOException;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/// Prints the batch normalization of model files, and what is wrong with it.
@Command(
        name = "inspect",
        sortOptions = false,
        mixinStandardHelpOptions = true,
        description = {
            "Lists the batch-normalization layers of model files with warnings. Exits with 1 if there is any warning.",
            ""
        })
final class InspectCommand implements Callable<Integer> {
    private static final String NONE = "-";

    @Parameters(
            arity = "1..*",
            paramLabel = "FILE",
            description = "Model files; - for standard input.")
    private List<String> files = List.of();

    @Option(
            names = "--json",
            description =
                    "Print the JSON of POST /api/v1/checkpoints/inspect. Of several files: a line each, {\"file\", \"inspection\"} or {\"file\", \"error\"}.")
    private boolean json;

    @Option(names = "--vectors", description = "With --json: include the vectors.")
    private boolean vectors;

    @Option(names = "--exit-zero", description = "Exit with 0 in spite of warnings.")
    private boolean exitZero;

    @Mixin private NamesOptions names = new NamesOptions();
    private final StandardStreams streams;

    InspectCommand(StandardStreams streams) {
        this.streams = streams;
    }

    @Override
    public Integer call() throws IOException {
        Inspector inspector = new Inspector(names.naming());
        int code = 0;
        for (String file : files) {
            code = Math.max(code, inspect(new InputFile(file), inspector));
        }
        return code;
    }

    /// Continues with the next file after one that cannot be read.
    private int inspect(InputFile file, Inspector inspector) throws IOException {
        try {
            Inspection inspection = file.read(inspector.selection(), streams, inspector::inspect);
            if (json) {
                print(file, "inspection", AnswerMessage.of(InspectAnswer.of(inspection, vectors)));
            } else {
                print(file, inspection);
            }
            boolean found =
                    inspection.layers().stream().anyMatch(layer -> !layer.warnings().isEmpty());
            return found && !exitZero ? Commands.FOUND : 0;
        } catch (FileProblem problem) {
            if (json && files.size() > 1) {
                print(file, "error", String.valueOf(problem.getMessage()));
            }
            streams.report("batchnorm: " + problem.getMessage());
            return Commands.UNUSABLE;
        }
    }

    /// Prints the result of one file as a line of JSON, with its name if there are several.
    private void print(InputFile file, String field, Object result) throws IOException {
        Message line =
                result instanceof Message inspection && files.size() == 1
                        ? inspection
                        : new Message().with("file", file.name());
        if (files.size() > 1) {
            line.put(field, result);
        }
        new JsonCodec().encode(line, streams.out());
        streams.out().println();
    }

    private void print(InputFile file, Inspection inspection) {
        streams.print(
                "%s: %s, %d batch-normalization layers, tensors named as in %s"
                        .formatted(
                                file.name(),
                                inspection.format().word(),
                                inspection.layers().size(),
                                inspection.framework().word()));
        Table table =
                new Table(
                        "layer",
                        "features",
                        "datatype",
                        "epsilon",
                        "momentum",
                        "batches",
                        "warnings");
        inspection.layers().forEach(layer -> table.add(row(layer)));
        table.lines().forEach(streams::print);
        for (InspectedLayer layer : inspection.layers()) {
            for (Warning warning : layer.warnings()) {
                streams.print(
                        layer.path() + ": " + warning.code().word() + ": " + warning.sentence());
            }
        }
    }

    private static String[] row(InspectedLayer layer) {
        return new String[] {
            layer.path().isEmpty() ? NONE : layer.path(),
            Integer.toString(layer.features()),
            layer.dataType().name(),
            text(layer.settings().epsilon()),
            text(layer.settings().momentum()),
            layer.batches() == null ? NONE : layer.batches().toString(),
            layer.warnings().isEmpty()
                    ? NONE
                    : layer.warnings().stream()
                            .map(warning -> warning.code().word())
                            .distinct()
                            .collect(Collectors.joining(", "))
        };
    }

    private static String text(@Nullable Double number) {
        return number == null ? NONE : DecimalText.of(number);
    }
}
