package batchnorm.codec.onnx;

import batchnorm.tensor.DataType;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// A tensor of a model: an initializer, or the value of a Constant node. Its elements stay in the
/// file.
///
/// @param name of the value that it gives
/// @param dimensions as the file states them
/// @param elementType the number of its type in ONNX
/// @param unreadable the reason why its elements cannot be read; null if they can
/// @param path the fields that lead to it in its graph, itself the last
public record OnnxTensor(
        String name,
        List<Long> dimensions,
        int elementType,
        @Nullable String unreadable,
        boolean external,
        List<Field> path) {
    static final int FLOAT = 1;
    static final int FLOAT16 = 10;
    static final int DOUBLE = 11;
    static final int BFLOAT16 = 16;

    /// Returns the type of its elements; null if they are no floats, or of eight bits.
    public @Nullable DataType dataType() {
        return switch (elementType) {
            case FLOAT -> DataType.FP32;
            case FLOAT16 -> DataType.FP16;
            case DOUBLE -> DataType.FP64;
            case BFLOAT16 -> DataType.BF16;
            default -> null;
        };
    }

    static int elementType(DataType dataType) {
        return switch (dataType) {
            case FP32 -> FLOAT;
            case FP16 -> FLOAT16;
            case FP64 -> DOUBLE;
            case BF16 -> BFLOAT16;
        };
    }

    /// Returns whether it is an initializer, and not the value of a Constant node.
    public boolean isInitializer() {
        return path.size() == 1;
    }

    Field place() {
        return path.getLast();
    }
}
