package batchnorm.web.api;

import batchnorm.codec.InvalidField;
import batchnorm.diagnosis.BatchNorm;
import batchnorm.layer.LayerName;
import batchnorm.normalization.Folding.Position;
import batchnorm.normalization.LinearMap;
import batchnorm.tensor.Tensor;
import jakarta.validation.constraints.Positive;
import jakarta.validation.constraints.PositiveOrZero;
import org.jspecify.annotations.Nullable;

/// Weights before and after an implementation has folded a layer into them.
///
/// @param layer the name of a layer of this service; null where the request has its numbers
/// @param epsilon of the layer; null is PyTorch's
@TensorBody(bareArray = false)
public record VerifyFoldRequest(
        LinearMap.Kind kind,
        Position position,
        Tensor weight,
        @Nullable Tensor bias,
        @Positive @Nullable Integer groups,
        Tensor foldedWeight,
        Tensor foldedBias,
        @Nullable LayerName layer,
        double @Nullable [] gamma,
        double @Nullable [] beta,
        double @Nullable [] runningMean,
        double @Nullable [] runningVar,
        @PositiveOrZero @Nullable Double epsilon)
        implements ApiRequest {
    private static final double DEFAULT_EPSILON = 1e-5;

    /// @throws InvalidField when the layer is named and given, or neither
    public VerifyFoldRequest {
        boolean isGiven =
                gamma != null
                        || beta != null
                        || runningMean != null
                        || runningVar != null
                        || epsilon != null;
        if (layer != null && isGiven) {
            throw new InvalidField(
                    "layer",
                    "\"layer\" names a layer of this service; leave out gamma, beta, running_mean, running_var and epsilon");
        }
        if (layer == null && (runningMean == null || runningVar == null)) {
            throw new InvalidField(
                    runningMean == null ? "running_mean" : "running_var",
                    "send \"running_mean\" and \"running_var\", or name a \"layer\"");
        }
    }

    public LinearMap map() {
        return new LinearMap(kind, weight, bias, groups, false);
    }

    /// Returns the numbers of the request. There must be no layer.
    public BatchNorm numbers() {
        if (runningMean == null || runningVar == null) {
            throw new IllegalStateException("the layer is named");
        }
        return new BatchNorm(
                gamma, beta, runningMean, runningVar, epsilon == null ? DEFAULT_EPSILON : epsilon);
    }
}
