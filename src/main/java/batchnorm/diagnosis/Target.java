package batchnorm.diagnosis;

import batchnorm.tensor.Shape;
import batchnorm.tensor.Tensor;
import java.util.stream.IntStream;

/// A result of the implementation that hypotheses predict.
///
/// @param field its name in the request
record Target(String field, Tensor values) {

    static Target of(String field, double[] vector) {
        return new Target(field, Tensor.of(Shape.of(vector.length), vector));
    }

    int size() {
        return values.shape().elements();
    }

    /// Returns indices spread over the elements: all of a small tensor.
    IntStream sample(int most) {
        int size = size();
        return IntStream.range(0, Math.min(size, most)).map(k -> sampled(k, size, most));
    }

    /// Returns the k-th index of a sample: each index of a small tensor, otherwise of a sequence
    /// that visits rows and channels alike.
    ///
    /// @param most the size of the sample
    static int sampled(int k, int size, int most) {
        return size <= most ? k : (int) ((k * 2_654_435_761L + 7) % size);
    }
}
