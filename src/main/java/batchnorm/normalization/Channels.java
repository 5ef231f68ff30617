package batchnorm.normalization;

import batchnorm.normalization.Knob.ReductionScope;
import batchnorm.tensor.ChannelLayout;
import batchnorm.tensor.Shape;

/// The division of a tensor into channels.
///
/// @param axis the channel axis of `spatial` scope; negative counts from the end
public record Channels(ReductionScope scope, int axis) {
    public Channels {
        if (Math.abs((long) axis) > Shape.MAX_RANK) {
            throw new InvalidConfig(
                    "channel_axis",
                    "channel_axis is "
                            + axis
                            + "; no tensor has more than "
                            + Shape.MAX_RANK
                            + " axes");
        }
    }

    public boolean perActivation() {
        return scope == ReductionScope.PER_ACTIVATION;
    }

    /// @throws batchnorm.tensor.InvalidShape when the shape has no such axis
    ChannelLayout layout(Shape shape) {
        return perActivation()
                ? ChannelLayout.perActivation(shape)
                : ChannelLayout.spatial(shape, axis);
    }

    /// Returns the axis in a shape, counted from the start.
    int axis(Shape shape) {
        return axis < 0 ? axis + shape.rank() : axis;
    }

    /// Describes the channel axes for a message.
    public String inWords() {
        return perActivation() ? "every axis but the first, flattened" : "axis " + axis;
    }
}
