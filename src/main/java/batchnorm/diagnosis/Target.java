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
        return size <= most
                ? IntStream.range(0, size)
                : IntStream.range(0, most).map(k -> scattered(k, size));
    }

    /// Returns the k-th of a sequence of indices that visits rows and channels alike.
    static int scattered(int k, int size) {
        return (int) ((k * 2_654_435_761L + 7) % size);
    }
}
