package batchnorm.tensor;

/// A tensor viewed by channel: element `(o, c, i)` of a row-major `[outer, channels, inner]` box
/// belongs to channel `c`.
///
/// Every channel axis, and per-activation scope, is such a box over the tensor's own array: nothing
/// is ever transposed. Channels-first images have `inner = H·W`, rows and channels-last have `inner
/// = 1`.
public record ChannelLayout(int outer, int channels, int inner) {

    /// Reduces every axis but `axis`; a negative axis counts from the end.
    ///
    /// @throws InvalidShape when the rank is below 2 or has no such axis
    public static ChannelLayout spatial(Shape shape, int axis) {
        requireBatch(shape);
        int rank = shape.rank();
        int channelAxis = axis < 0 ? axis + rank : axis;
        if (channelAxis < 0 || channelAxis >= rank) {
            throw new InvalidShape(
                    "channel_axis "
                            + axis
                            + " does not exist in shape "
                            + shape
                            + "; it may be "
                            + -rank
                            + " to "
                            + (rank - 1));
        }
        return new ChannelLayout(
                product(shape, 0, channelAxis),
                requireChannels(shape.dimension(channelAxis), shape),
                product(shape, channelAxis + 1, rank));
    }

    /// Reduces axis 0 only: every activation is a channel of its own.
    ///
    /// @throws InvalidShape when the rank is below 2
    public static ChannelLayout perActivation(Shape shape) {
        requireBatch(shape);
        return new ChannelLayout(
                shape.dimension(0), requireChannels(product(shape, 1, shape.rank()), shape), 1);
    }

    /// Returns the number of values per channel, the `m` of the formulas.
    public int count() {
        return outer * inner;
    }

    /// Returns the number of values of all channels.
    public int elements() {
        return outer * channels * inner;
    }

    /// Returns the distance in elements from one plane of a channel to its next.
    public int stride() {
        return channels * inner;
    }

    /// Returns the channel of an element, given its index in row-major order.
    public int channelOf(int flatIndex) {
        return flatIndex / inner % channels;
    }

    private static void requireBatch(Shape shape) {
        if (shape.rank() < 2) {
            throw new InvalidShape(
                    "shape "
                            + shape
                            + " has rank "
                            + shape.rank()
                            + "; batch normalization needs a batch axis and a channel axis, so rank 2 or more"
                            + emptyBatch(shape));
        }
    }

    private static int requireChannels(int channels, Shape shape) {
        if (channels == 0) {
            throw new InvalidShape(
                    "shape "
                            + shape
                            + " has no channels; one or more are needed"
                            + emptyBatch(shape));
        }
        return channels;
    }

    private static String emptyBatch(Shape shape) {
        return shape.elements() > 0
                ? ""
                : "; an empty batch is written with its shape, such as {\"shape\": [0, 3], \"data\": []}";
    }

    private static int product(Shape shape, int from, int to) {
        int product = 1;
        for (int axis = from; axis < to; axis++) {
            product *= shape.dimension(axis);
        }
        return product;
    }
}
