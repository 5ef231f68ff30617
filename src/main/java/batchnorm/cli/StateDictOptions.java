package batchnorm.cli;

import batchnorm.checkpoint.fold.StateDictFolding;
import batchnorm.web.api.FoldModelQuery;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;

/// What a file of tensors without a graph does not state. An ONNX model states it.
final class StateDictOptions {
    @Option(
            names = "--pairs",
            paramLabel = "A:B,...",
            description =
                    "Pairs of layers of which B follows A, such as conv1:bn1. Default: by names and the order of the file.")
    private @Nullable String pairs;

    @Option(
            names = "--transposed",
            paramLabel = "PATH,...",
            description = "Paths of transposed convolutions.")
    private @Nullable String transposed;

    @Option(
            names = "--epsilon",
            paramLabel = "NUMBER",
            defaultValue = "1e-5",
            description = "Epsilon of every layer. Default: 1e-5.")
    private double epsilon = 1e-5;

    StateDictFolding folding() {
        return new FoldModelQuery(pairs, transposed, epsilon).options();
    }
}
