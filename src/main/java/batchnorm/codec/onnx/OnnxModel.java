package batchnorm.codec.onnx;

import batchnorm.codec.Codec;
import batchnorm.codec.MalformedTensor;
import batchnorm.tensor.Tensor;
import java.io.IOException;
import java.nio.channels.FileChannel;

/// A model: its main graph, in memory without the elements of tensors, and the file with them.
///
/// @param irVersion the version of the format
/// @param opset the version of ONNX's own operators
/// @param hasTraining whether the file has graphs that train the model
/// @param place of the graph in the file
public record OnnxModel(
        FileChannel file,
        long irVersion,
        long opset,
        boolean hasTraining,
        OnnxGraph graph,
        Field place) {
    /// Before this version of the format, each initializer is an input of its graph, too.
    private static final int IR_WITHOUT_INPUTS_OF_INITIALIZERS = 4;

    public static final String EXTERNAL =
            "its elements are in another file; save the model as one: onnx.save(onnx.load(path), path, save_as_external_data=False)";

    /// Reads a model from a file, which stays open.
    ///
    /// @param memory counts nodes, names and declarations
    /// @throws MalformedTensor for an inconsistent file
    public static OnnxModel read(FileChannel file, Codec.Memory memory) throws IOException {
        return new ModelReader(file, memory).read();
    }

    /// Returns whether an initializer that is an input, too, is a constant. In later versions of
    /// the format the caller of a model may override it.
    public boolean areInitializersInputs() {
        return irVersion < IR_WITHOUT_INPUTS_OF_INITIALIZERS;
    }

    /// Reads the elements of a tensor that is readable.
    ///
    /// @throws MalformedTensor when they do not fit its dimensions
    /// @throws batchnorm.codec.BodyTooLarge when it is too large
    public Tensor read(OnnxTensor tensor, Codec.Limits limits) throws IOException {
        return TensorReader.read(elements(tensor, limits.memory()), tensor, limits);
    }

    Elements elements(OnnxTensor tensor, Codec.Memory memory) throws IOException {
        return TensorReader.find(FilePart.of(file, tensor.place()), tensor, memory);
    }

    static MalformedTensor malformed(String reason) {
        return new MalformedTensor("file", "the ONNX file: " + reason);
    }
}
