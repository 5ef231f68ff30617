package batchnorm.cli;

import batchnorm.codec.Codec;
import batchnorm.codec.Message;
import batchnorm.codec.json.JsonCodec;
import batchnorm.codec.npy.NpzCodec;
import batchnorm.golden.GoldenVectors;
import batchnorm.normalization.Convention;
import batchnorm.tensor.DataType;
import batchnorm.web.api.VectorsAnswer;
import batchnorm.web.binding.AnswerMessage;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/// Writes golden vectors, as `GET /api/v1/vectors` responds with them.
@Command(
        name = "vectors",
        sortOptions = false,
        mixinStandardHelpOptions = true,
        description = {
            "Writes golden vectors of a convention: batches and their results in 100-digit arithmetic.",
            ""
        })
final class VectorsCommand implements Runnable {
    /// The formats of vectors.
    enum Format {
        JSON,
        NPZ
    }

    /// The datatypes of vectors.
    enum Width {
        FP32,
        FP64
    }

    @Parameters(
            index = "0",
            paramLabel = "CONVENTION",
            description = "pytorch, keras, onnx, flax and others.")
    private Convention convention = Convention.PYTORCH;

    @Parameters(
            index = "1",
            arity = "0..1",
            paramLabel = "OUT",
            defaultValue = "-",
            description = "The file to write. Default: -, standard output.")
    private String output = "-";

    @Option(
            names = "--datatype",
            paramLabel = "TYPE",
            defaultValue = "FP64",
            description = "FP64 (default) or FP32.")
    private Width datatype = Width.FP64;

    @Option(
            names = "--format",
            paramLabel = "FORMAT",
            defaultValue = "json",
            description = "json (default) or npz.")
    private Format format = Format.JSON;

    @Option(names = "--force", description = "Replace OUT if it exists.")
    private boolean force;

    private final StandardStreams streams;

    VectorsCommand(StandardStreams streams) {
        this.streams = streams;
    }

    @Override
    public void run() {
        OutputFile file = new OutputFile(output, force);
        file.requireAbsent();
        VectorsAnswer vectors =
                VectorsAnswer.of(GoldenVectors.of(convention, DataType.valueOf(datatype.name())));
        Codec codec =
                switch (format) {
                    case JSON -> new JsonCodec();
                    case NPZ -> new NpzCodec();
                };
        Message message = format == Format.NPZ ? vectors.archive() : AnswerMessage.of(vectors);
        file.write(target -> codec.encode(message, target), streams);
    }
}
