package batchnorm.cli;

import batchnorm.checkpoint.fold.FoldReport;
import batchnorm.checkpoint.fold.FoldedModel;
import batchnorm.codec.json.JsonCodec;
import batchnorm.web.api.FoldModelAnswer;
import batchnorm.web.binding.AnswerMessage;
import java.io.IOException;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/// Folds the batch normalization of a model into the weights beside it.
@Command(
        name = "fold",
        sortOptions = false,
        mixinStandardHelpOptions = true,
        description = {
            "Folds batch normalization into the weights beside it: an ONNX model, or a state_dict as safetensors. Reports what was folded, and why the rest was not.",
            ""
        })
final class FoldCommand implements Runnable {
    @Parameters(
            index = "0",
            paramLabel = "IN",
            description = "The model file; - for standard input.")
    private String input = "";

    @Parameters(
            index = "1",
            paramLabel = "OUT",
            description = "The file to write; - for standard output.")
    private String output = "";

    @Mixin private StateDictOptions options = new StateDictOptions();

    @Option(names = "--json", description = "Write the report as JSON to standard output.")
    private boolean json;

    @Option(names = "--force", description = "Replace OUT if it exists.")
    private boolean force;

    @Spec
    @SuppressWarnings("NullAway.Init") // set by picocli
    private CommandSpec spec;

    private final StandardStreams streams;

    FoldCommand(StandardStreams streams) {
        this.streams = streams;
    }

    @Override
    public void run() {
        OutputFile file = new OutputFile(output, force);
        file.requireAbsent();
        if (json && file.isStandard()) {
            throw new ParameterException(
                    spec.commandLine(), "--json and OUT cannot both be the standard output");
        }
        new InputFile(input)
                .read(
                        streams,
                        (_, content) -> {
                            try (FoldedModel model =
                                    FoldedModel.of(
                                            content, false, options.folding(), InputFile.LIMITS)) {
                                file.write(model::writeTo, streams);
                                report(model.report());
                                return model.report();
                            }
                        });
    }

    private void report(FoldReport report) throws IOException {
        if (json) {
            new JsonCodec().encode(AnswerMessage.of(FoldModelAnswer.of(report)), streams.out());
            streams.print("");
            return;
        }
        report.folded()
                .forEach(each -> streams.report(each.node() + ": folded into " + each.into()));
        report.left().forEach(each -> streams.report(each.node() + ": left: " + each.reason()));
        report.dropped()
                .forEach(each -> streams.report(each.tensor() + ": not written: " + each.why()));
        streams.report(
                "%d folded, %d left".formatted(report.folded().size(), report.left().size()));
    }
}
