package batchnorm.codec.onnx;

import java.util.List;
import java.util.Map;

/// A graph: nodes in the order of execution, and the values that they exchange by name.
///
/// @param initializers tensors by the value that they give
/// @param inputs by name
/// @param outputs by name
/// @param values declarations of other values, by name
/// @param annotated names of values with a quantization annotation, and of sparse initializers
public record OnnxGraph(
        List<OnnxNode> nodes,
        Map<String, OnnxTensor> initializers,
        Map<String, OnnxValue> inputs,
        Map<String, OnnxValue> outputs,
        Map<String, OnnxValue> values,
        List<String> annotated) {}
