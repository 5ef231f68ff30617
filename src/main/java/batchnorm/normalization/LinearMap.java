package batchnorm.normalization;

import batchnorm.tensor.Shape;
import batchnorm.tensor.Tensor;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/// The weights of a layer that is linear in its input, in PyTorch's layout:
///
/// - linear: `[out, in]`
/// - convolution, of one to thirty spatial dimensions: `[out, in/groups, k…]`
/// - transposed convolution: `[in, out/groups, k…]`
///
/// Group `g` connects the `g`-th share of the inputs with the `g`-th share of the outputs.
///
/// @param bias of shape `[out]`; null is 0
/// @param groups null to derive it from the channels of the adjacent layer
/// @param padded whether the input is padded with zeros
public record LinearMap(
        Kind kind, Tensor weight, @Nullable Tensor bias, @Nullable Integer groups, boolean padded) {

    public enum Kind {
        LINEAR,
        CONV,
        CONV_TRANSPOSE
    }

    public LinearMap {
        Shape shape = weight.shape();
        boolean fits = kind == Kind.LINEAR ? shape.rank() == 2 : shape.rank() >= 3;
        if (!fits || shape.elements() == 0) {
            throw new ShapeMismatch(
                    "weight",
                    "weight has shape %s, but of %s it must be %s, no dimension 0"
                            .formatted(shape, word(kind), layout(kind)));
        }
        if (kind == Kind.LINEAR && (padded || (groups != null && groups != 1))) {
            throw new ShapeMismatch(
                    padded ? "padding" : "groups",
                    "a linear layer has neither padding nor groups; is its kind \"conv\"?");
        }
        if (groups != null && (groups < 1 || shape.dimension(0) % groups != 0)) {
            throw new ShapeMismatch(
                    "groups",
                    "groups is %d, which does not divide the first dimension of weight, %s"
                            .formatted(groups, shape));
        }
    }

    private static String word(Kind kind) {
        return kind.name().toLowerCase(Locale.ROOT);
    }

    private static String layout(Kind kind) {
        return switch (kind) {
            case LINEAR -> "[out, in]";
            case CONV -> "[out, in/groups, k…]";
            case CONV_TRANSPOSE -> "[in, out/groups, k…]";
        };
    }

    /// Returns the number of weights.
    public int weights() {
        return weight.shape().elements();
    }

    /// Returns the channels along the first axis of the weight, of all groups.
    public int rows() {
        return weight.shape().dimension(0);
    }

    /// Returns the channels along the second axis, of one group.
    public int columns() {
        return weight.shape().dimension(1);
    }

    /// Returns the number of weights between two channels: the size of the kernel.
    public int taps() {
        return weight.shape().elements() / (rows() * columns());
    }

    /// Returns the number of groups that together have `channels` along the second axis.
    ///
    /// @throws ShapeMismatch when there is no such number
    public int groupsOf(int channels) {
        int found = groups == null ? channels / columns() : groups;
        if (found < 1
                || (long) found * columns() != channels
                || rows() % found != 0
                || (kind == Kind.LINEAR && found != 1)) {
            throw new ShapeMismatch(
                    "weight",
                    "weight has shape %s, %s%s, which does not fit the layer's %d features"
                            .formatted(
                                    weight.shape(),
                                    layout(kind),
                                    groups == null ? "" : " with groups " + groups,
                                    channels));
        }
        return found;
    }

    /// Returns the bias of an output channel.
    public double biasAt(int channel) {
        return bias == null ? 0 : bias.at(channel);
    }

    /// @throws ShapeMismatch unless the bias has one number for each output channel
    void requireBias(int outputs) {
        if (bias != null && !bias.shape().equals(Shape.of(outputs))) {
            throw new ShapeMismatch(
                    "bias",
                    "bias has shape %s, but must have [%d], one number for each output channel"
                            .formatted(bias.shape(), outputs));
        }
    }
}
