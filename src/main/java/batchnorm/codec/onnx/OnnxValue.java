package batchnorm.codec.onnx;

/// The declaration of a value: an input or output of a graph, or one between nodes.
///
/// @param rank the number of its dimensions; -1 where the file does not state it
/// @param place in its graph
public record OnnxValue(String name, int rank, Field place) {
    static final int UNKNOWN = -1;
}
