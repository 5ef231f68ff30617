package batchnorm.codec.onnx;

import java.util.List;

/// An attribute of a node, of which one value is set.
///
/// @param number a binary32 value, widened
/// @param place in its node
public record OnnxAttribute(
        String name, double number, long integer, String text, List<Long> integers, Field place) {}
