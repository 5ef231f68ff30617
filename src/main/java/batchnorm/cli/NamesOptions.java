package batchnorm.cli;

import batchnorm.checkpoint.Framework;
import batchnorm.checkpoint.Naming;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;

/// How the tensors of a file are named.
final class NamesOptions {
    @Option(
            names = "--framework",
            paramLabel = "NAME",
            description = "Framework of the tensors' names. Default: detected.")
    private @Nullable Framework framework;

    @Option(
            names = "--prefix",
            paramLabel = "TEXT",
            defaultValue = "",
            description = "Prefix of the names of the tensors to examine.")
    private String prefix = "";

    @Option(
            names = "--without",
            paramLabel = "PARAMETER",
            description =
                    "gamma or beta: what layers of three numbered vectors do not have. Default: they are skipped.")
    private Naming.@Nullable Parameter without;

    Naming naming() {
        return new Naming(framework, prefix, without);
    }
}
