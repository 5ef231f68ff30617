package batchnorm.web.binding;

import batchnorm.tensor.Tensor;
import java.util.List;

/// Tensors that no thread reads after the response is written. Their arrays are then reused.
public interface SpentTensors {
    void add(List<Tensor> tensors);
}
