package batchnorm.cli;

import batchnorm.checkpoint.Export;
import batchnorm.checkpoint.Framework;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/// Writes the batch normalization of one file to another.
@Command(
        name = "convert",
        sortOptions = false,
        mixinStandardHelpOptions = true,
        description = {
            "Writes the batch-normalization tensors of IN to OUT, named as another framework does. Other tensors are not written.",
            ""
        })
final class ConvertCommand implements Runnable {
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

    @Option(
            names = "--to",
            paramLabel = "NAME",
            description = "Framework whose names the tensors get. Default: that of IN.")
    private @Nullable Framework target;

    @Mixin private NamesOptions names = new NamesOptions();
    @Mixin private ExportOptions options = new ExportOptions();
    private final StandardStreams streams;

    ConvertCommand(StandardStreams streams) {
        this.streams = streams;
    }

    @Override
    public void run() {
        OutputFile file = options.output(output);
        InputFile source = new InputFile(input);
        ModelLayers model = ModelLayers.read(source, names, streams);
        Export export =
                new Export(
                        target == null ? model.framework() : target,
                        "",
                        options.datatype(model.widest()),
                        options.exact());
        source.checked(() -> model.addTo(export));
        options.write(export, file, streams);
        model.notesFor(export.framework()).forEach(note -> streams.report("note: " + note));
        options.report(model.layers().size(), export, file, streams);
    }
}
