package batchnorm.web.api;

import batchnorm.normalization.Folding.Position;
import batchnorm.normalization.LinearMap;
import batchnorm.tensor.Tensor;
import jakarta.validation.constraints.Positive;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/// The linear map or convolution into which a layer is folded.
///
/// @param weight `[out, in, kernel...]`, in PyTorch's layout
/// @param position of the layer: before or after the map
@TensorBody
public record FoldRequest(
        Tensor weight,
        @Nullable Tensor bias,
        LinearMap.Kind kind,
        Position position,
        @Counts double @Nullable [] padding,
        @Positive @Nullable Integer groups)
        implements ApiRequest {

    public LinearMap map() {
        boolean padded = padding != null && Arrays.stream(padding).anyMatch(pad -> pad != 0);
        return new LinearMap(kind, weight, bias, groups, padded);
    }
}
