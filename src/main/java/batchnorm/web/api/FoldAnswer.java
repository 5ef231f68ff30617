package batchnorm.web.api;

import batchnorm.normalization.Folding.Folded;
import batchnorm.tensor.Tensor;

/// A map with the layer folded into it.
@TensorBody(bareArray = false)
public record FoldAnswer(Tensor weight, Tensor bias) implements ApiAnswer {

    public static FoldAnswer of(Folded folded) {
        return new FoldAnswer(folded.weight(), folded.bias());
    }
}
