package batchnorm.web.binding;

import batchnorm.tensor.Tensor;
import java.util.List;

/// The tensors that no thread reads after the response is written. Their arrays are reused then.
public interface SpentTensors {
    void add(List<Tensor> tensors);
}
