package batchnorm.normalization;

import batchnorm.kernel.ChannelArray;
import batchnorm.tensor.ChannelLayout;
import batchnorm.tensor.Shape;
import batchnorm.tensor.Slices;
import batchnorm.tensor.Tensor;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// The input of a training pass.
///
/// @param layout the division of the input into channels
/// @param weights the weights of its positions; null if all are 1
/// @param known the whole batch's mean and variance if already computed; null to compute them
public record TrainingBatch(
        Tensor input,
        ChannelLayout layout,
        @Nullable Weights weights,
        @Nullable BatchStatistics known) {

    /// Returns a batch whose statistics are not known.
    ///
    /// @throws batchnorm.tensor.InvalidShape when the input has no channel axis
    public static TrainingBatch of(Tensor input, @Nullable Weights weights, Config config) {
        return new TrainingBatch(input, config.layout(input.shape()), weights, null);
    }

    /// Returns the input, viewed by channel.
    ChannelArray array() {
        return ChannelArray.of(input, layout);
    }

    /// Returns whether the weights are all 0 or there is no value.
    boolean isEmpty() {
        return weights == null ? layout.count() == 0 : weights.total() == 0;
    }

    /// Returns its virtual batches if it is larger than one, otherwise an empty list.
    ///
    /// @throws ShapeMismatch when axis 0 is not that of the samples
    List<TrainingBatch> parts(Config config) {
        Integer size = config.variant().virtualBatchSize();
        Shape shape = input.shape();
        if (size == null || size >= shape.dimension(0)) {
            return List.of();
        }
        if (!config.channels().perActivation() && config.channels().axis(shape) == 0) {
            throw new ShapeMismatch(
                    "input", "virtual batches are parts of axis 0, but channel_axis is 0");
        }
        int each = layout.count() / shape.dimension(0);
        List<TrainingBatch> parts = new ArrayList<>();
        int position = 0;
        for (Tensor slice : Slices.cut(input, size)) {
            int end = position + each * slice.shape().dimension(0);
            Weights own = weights == null ? null : weights.slice(position, end);
            parts.add(of(slice, own, config));
            position = end;
        }
        return parts;
    }
}
