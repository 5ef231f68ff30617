package batchnorm.cli;

import batchnorm.checkpoint.Export;
import batchnorm.codec.Codec;
import batchnorm.codec.FileFormat;
import batchnorm.codec.npy.NpzCodec;
import batchnorm.codec.safetensors.SafetensorsCodec;
import batchnorm.tensor.DataType;
import java.util.Locale;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;

/// How a file is written.
final class ExportOptions {
    /// The formats of tensors that this program writes.
    enum Format {
        SAFETENSORS,
        NPZ;

        FileFormat fileFormat() {
            return switch (this) {
                case SAFETENSORS -> FileFormat.SAFETENSORS;
                case NPZ -> FileFormat.NPZ;
            };
        }

        Codec codec() {
            return switch (this) {
                case SAFETENSORS -> new SafetensorsCodec();
                case NPZ -> new NpzCodec();
            };
        }
    }

    /// The datatypes of a written vector.
    enum Width {
        FP32,
        FP64
    }

    @Option(
            names = "--format",
            paramLabel = "FORMAT",
            description =
                    "safetensors or npz. Default: by the extension of OUT, otherwise safetensors.")
    private @Nullable Format format;

    @Option(
            names = "--datatype",
            paramLabel = "TYPE",
            description = "FP32 or FP64. Default: the widest of the files, at least FP32.")
    private @Nullable Width datatype;

    @Option(
            names = "--exact",
            description = "Reject numbers that the datatype does not hold exactly.")
    private boolean exact;

    @Option(names = "--force", description = "Replace OUT if it exists.")
    private boolean force;

    OutputFile output(String name) {
        OutputFile output = new OutputFile(name, force);
        output.requireAbsent();
        return output;
    }

    void write(Export export, OutputFile output, StandardStreams streams) {
        Format chosen = format(output);
        output.write(
                target -> chosen.codec().encode(export.contents(chosen.fileFormat()), target),
                streams);
    }

    /// Reports what was written on the error stream.
    void report(int layers, Export export, OutputFile output, StandardStreams streams) {
        streams.report(
                "%s: %d layers, tensors named as in %s%s"
                        .formatted(
                                output.isStandard() ? "standard output" : output.name(),
                                layers,
                                export.framework().word(),
                                export.isExact() ? "" : ", rounded to FP32"));
    }

    private Format format(OutputFile output) {
        if (format != null) {
            return format;
        }
        return output.name().toLowerCase(Locale.ROOT).endsWith(".npz")
                ? Format.NPZ
                : Format.SAFETENSORS;
    }

    /// @param widest the datatype that holds every number of the sources
    DataType datatype(DataType widest) {
        return datatype == null ? widest : DataType.valueOf(datatype.name());
    }

    boolean exact() {
        return exact;
    }
}
