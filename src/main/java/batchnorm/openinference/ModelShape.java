package batchnorm.openinference;

import batchnorm.codec.InvalidField;
import batchnorm.layer.Layer;
import batchnorm.normalization.Config;
import batchnorm.tensor.DataType;
import batchnorm.tensor.Shape;
import java.util.Arrays;
import java.util.List;

/// The shape of a model's input and output at its lowest rank; -1 stands for any length.
record ModelShape(List<Long> dimensions) {
    private static final long ANY = -1;

    static ModelShape of(Layer layer) {
        Config config = layer.config();
        int axis = config.channels().perActivation() ? 1 : config.channels().axis();
        int rank = Math.max(2, axis < 0 ? 1 - axis : axis + 1);
        Long[] dimensions = new Long[rank];
        Arrays.fill(dimensions, ANY);
        Integer features = layer.features();
        dimensions[axis < 0 ? rank + axis : axis] = features == null ? ANY : (long) features;
        return new ModelShape(List.of(dimensions));
    }

    /// Returns the shape of a tensor with so many bytes.
    ///
    /// @throws InvalidField when more than one length is open, or the bytes do not fill the shape
    Shape holding(long bytes, DataType dataType) {
        long known = dataType.bytes();
        for (long dimension : dimensions) {
            known *= dimension == ANY ? 1 : dimension;
        }
        if (dimensions.stream().filter(dimension -> dimension == ANY).count() != 1) {
            throw new InvalidField(
                    "inputs",
                    "a request without JSON needs a model with one open dimension, but this one's shape is "
                            + dimensions);
        }
        if (bytes % known != 0 || bytes / known > Shape.MAX_ELEMENTS) {
            throw new InvalidField(
                    "inputs",
                    "%d bytes do not fill the shape %s of %s; they must be a multiple of %d"
                            .formatted(bytes, dimensions, dataType, known));
        }
        int open = (int) (bytes / known);
        return Shape.of(
                dimensions.stream()
                        .mapToInt(dimension -> dimension == ANY ? open : (int) (long) dimension)
                        .toArray());
    }
}
