package batchnorm.web.binding;

import batchnorm.codec.MalformedTensor;
import batchnorm.codec.binary.RawCodec;
import batchnorm.tensor.DataType;
import batchnorm.tensor.InvalidShape;
import batchnorm.tensor.Shape;
import batchnorm.tensor.Tensor;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import java.util.Arrays;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/// The headers of raw bytes: `Tensor-Shape: 64,256`, `Tensor-Datatype: FP32`.
final class TensorHeaders {
    static final String SHAPE = "Tensor-Shape";
    static final String DATATYPE = "Tensor-Datatype";

    private TensorHeaders() {}

    static RawCodec codec(HttpServletRequest request) {
        return new RawCodec(shape(request.getHeader(SHAPE)), dataType(request.getHeader(DATATYPE)));
    }

    /// Sets the headers of a tensor and returns the codec of its bytes.
    static RawCodec describe(Tensor tensor, HttpServletResponse response) {
        response.setHeader(SHAPE, text(tensor.shape()));
        response.setHeader(DATATYPE, tensor.dataType().name());
        return new RawCodec(tensor.shape(), tensor.dataType());
    }

    private static String text(Shape shape) {
        return Arrays.stream(shape.toArray())
                .mapToObj(Integer::toString)
                .collect(Collectors.joining(","));
    }

    private static Shape shape(@Nullable String text) {
        if (text == null) {
            throw new MalformedTensor(
                    SHAPE, "a raw body needs the header " + SHAPE + ", such as \"64,256\"");
        }
        try {
            return Shape.of(
                    Arrays.stream(text.split(",", -1))
                            .mapToInt(dimension -> Integer.parseInt(dimension.strip()))
                            .toArray());
        } catch (NumberFormatException e) {
            throw new MalformedTensor(
                    SHAPE, SHAPE + " must be dimensions separated by commas, such as \"64,256\"");
        } catch (InvalidShape e) {
            throw new MalformedTensor(SHAPE, SHAPE + ": " + e.getMessage());
        }
    }

    private static DataType dataType(@Nullable String text) {
        return Arrays.stream(DataType.values())
                .filter(type -> type.name().equals(text))
                .findFirst()
                .orElseThrow(() ->
                        new MalformedTensor(
                                DATATYPE,
                                "a raw body needs the header "
                                        + DATATYPE
                                        + ": one of FP64, FP32, FP16, BF16"));
    }
}
