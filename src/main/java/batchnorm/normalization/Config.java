package batchnorm.normalization;

import batchnorm.normalization.Knob.MomentumMeaning;
import batchnorm.normalization.Knob.NonFinitePolicy;
import batchnorm.normalization.Knob.RunningVariance;
import batchnorm.normalization.Knob.Scope;
import batchnorm.normalization.Knob.SingleValuePolicy;
import batchnorm.tensor.ChannelLayout;
import batchnorm.tensor.Shape;
import org.jspecify.annotations.Nullable;

/// Every knob of a layer, resolved.
///
/// @param convention where the knobs came from before they were overridden; it decides nothing any
///   more but the initial variance
/// @param epsilon added to a variance before its root; 0 or more
/// @param momentum from 0 to 1, or null for the cumulative average
/// @param channelAxis the axis that `spatial` scope keeps; negative counts from the end
/// @param scale whether there is a gamma
/// @param shift whether there is a beta
public record Config(
        Convention convention,
        double epsilon,
        @Nullable Double momentum,
        MomentumMeaning momentumMeaning,
        RunningVariance runningVariance,
        Scope scope,
        int channelAxis,
        boolean scale,
        boolean shift,
        boolean trackRunningStats,
        SingleValuePolicy singleValue,
        NonFinitePolicy nonFinite) {

    public Config {
        if (!(epsilon >= 0 && epsilon < Double.POSITIVE_INFINITY)) {
            throw new InvalidConfig("epsilon", "epsilon is " + epsilon + "; it must be 0 or more");
        }
        if (momentum != null && !(momentum >= 0 && momentum <= 1)) {
            throw new InvalidConfig(
                    "momentum",
                    "momentum is "
                            + momentum
                            + "; it must be from 0 to 1, or null for the cumulative average");
        }
        if (Math.abs((long) channelAxis) > Shape.MAX_RANK) {
            throw new InvalidConfig(
                    "channel_axis",
                    "channel_axis is "
                            + channelAxis
                            + "; no tensor has more than "
                            + Shape.MAX_RANK
                            + " axes");
        }
    }

    /// The weight of a training batch in the running statistics, whichever way `momentum` is meant.
    ///
    /// @param batch its number `t`, counted from 1
    public double alpha(long batch) {
        if (momentum == null) {
            return 1.0 / batch;
        }
        return momentumMeaning == MomentumMeaning.NEW_WEIGHT ? momentum : 1 - momentum;
    }

    /// These knobs with those replaced that frameworks say differently.
    Config as(
            Convention otherConvention,
            double otherEpsilon,
            @Nullable Double otherMomentum,
            MomentumMeaning otherMeaning,
            RunningVariance otherVariance,
            SingleValuePolicy otherSingleValue) {
        return new Config(
                otherConvention,
                otherEpsilon,
                otherMomentum,
                otherMeaning,
                otherVariance,
                scope,
                channelAxis,
                scale,
                shift,
                trackRunningStats,
                otherSingleValue,
                nonFinite);
    }

    /// How a tensor of this shape falls into channels.
    ///
    /// @throws batchnorm.tensor.InvalidShape when it has no such axis
    public ChannelLayout layout(Shape shape) {
        return scope == Scope.PER_ACTIVATION
                ? ChannelLayout.perActivation(shape)
                : ChannelLayout.spatial(shape, channelAxis);
    }

    /// Which axes make the channels, for a sentence.
    public String channelsInWords() {
        return scope == Scope.PER_ACTIVATION
                ? "every axis but the first, flattened"
                : "axis " + channelAxis;
    }

    public boolean propagatesNonFinite() {
        return nonFinite == NonFinitePolicy.PROPAGATE;
    }
}
