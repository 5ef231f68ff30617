package batchnorm.normalization;

import batchnorm.normalization.Knob.MomentumMeaning;
import batchnorm.normalization.Knob.NonFinitePolicy;
import batchnorm.normalization.Knob.RunningVariance;
import batchnorm.normalization.Knob.Scope;
import batchnorm.normalization.Knob.SingleValuePolicy;
import batchnorm.tensor.ChannelLayout;
import batchnorm.tensor.DecimalText;
import batchnorm.tensor.Shape;
import java.util.LinkedHashMap;
import java.util.SequencedMap;
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
/// @param variant what is frozen, and which relative of batch normalization it is
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
        NonFinitePolicy nonFinite,
        Variant variant) {

    public Config {
        if (!(epsilon >= 0 && epsilon < Double.POSITIVE_INFINITY)) {
            throw new InvalidConfig(
                    "epsilon", "epsilon is " + DecimalText.of(epsilon) + "; it must be 0 or more");
        }
        if (momentum != null && !(momentum >= 0 && momentum <= 1)) {
            throw new InvalidConfig(
                    "momentum",
                    "momentum is "
                            + DecimalText.of(momentum)
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
        String needy = variant.needsRunningStatistics();
        if (needy != null && !trackRunningStats) {
            throw new InvalidConfig(
                    needy, needy + " has no place in a layer with \"track_running_stats\": false");
        }
    }

    /// Plain batch normalization with these knobs.
    public Config(
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
        this(
                convention,
                epsilon,
                momentum,
                momentumMeaning,
                runningVariance,
                scope,
                channelAxis,
                scale,
                shift,
                trackRunningStats,
                singleValue,
                nonFinite,
                Variant.PLAIN);
    }

    public Config with(Variant other) {
        return new Config(
                convention,
                epsilon,
                momentum,
                momentumMeaning,
                runningVariance,
                scope,
                channelAxis,
                scale,
                shift,
                trackRunningStats,
                singleValue,
                nonFinite,
                other);
    }

    /// These knobs, with or without a gamma and a beta.
    public Config with(boolean hasGamma, boolean hasBeta) {
        return new Config(
                convention,
                epsilon,
                momentum,
                momentumMeaning,
                runningVariance,
                scope,
                channelAxis,
                hasGamma,
                hasBeta,
                trackRunningStats,
                singleValue,
                nonFinite,
                variant);
    }

    /// Every knob by its name in JSON, in the order in which responses have them: a [String],
    /// [Double], [Long], [Boolean] or null. With `alpha` and `initial_running_var`, which follow
    /// from the others.
    ///
    /// @param nextBatch the number of the batch whose weight `alpha` is
    public SequencedMap<String, @Nullable Object> knobs(long nextBatch) {
        Renorm renorm = variant.renorm();
        Integer virtual = variant.virtualBatchSize();
        SequencedMap<String, @Nullable Object> knobs = new LinkedHashMap<>();
        knobs.put("convention", convention.word());
        knobs.put("epsilon", epsilon);
        knobs.put("momentum", momentum);
        knobs.put("momentum_meaning", Knob.word(momentumMeaning));
        knobs.put("alpha", trackRunningStats ? (Double) alpha(nextBatch) : null);
        knobs.put("running_variance", Knob.word(runningVariance));
        knobs.put("initial_running_var", convention.initialVariance());
        knobs.put("scope", Knob.word(scope));
        knobs.put("channel_axis", (long) channelAxis);
        knobs.put("scale", scale);
        knobs.put("shift", shift);
        knobs.put("track_running_stats", trackRunningStats);
        knobs.put("single_value", Knob.word(singleValue));
        knobs.put("non_finite", Knob.word(nonFinite));
        knobs.put("freeze_statistics", variant.freezeStatistics());
        knobs.put("freeze_parameters", variant.freezeParameters());
        knobs.put("statistics_blend", variant.statisticsBlend());
        knobs.put("virtual_batch_size", virtual == null ? null : (Long) (long) virtual);
        knobs.put("r_max", renorm == null ? null : (Double) renorm.rMax());
        knobs.put("d_max", renorm == null ? null : (Double) renorm.dMax());
        return knobs;
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
                nonFinite,
                variant);
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

    /// Whether a batch's `M2/(m-1)` goes into the running variance.
    boolean learnsUnbiased() {
        return trackRunningStats && runningVariance == RunningVariance.UNBIASED;
    }

    /// Whether a training batch is normalized with the running statistics.
    public boolean trainsWithRunning() {
        return variant.freezeStatistics() || variant.renorm() != null;
    }

    /// The channel axis in a shape, counted from the start.
    int axis(Shape shape) {
        return channelAxis < 0 ? channelAxis + shape.rank() : channelAxis;
    }

    /// For what knows only the plain operator.
    ///
    /// @param what that is
    /// @throws InvalidConfig when a training batch is not normalized as one with its own statistics
    public void requirePlain(String what) {
        String knob =
                variant.virtualBatchSize() != null
                        ? "virtual_batch_size"
                        : variant.renorm() != null ? "r_max" : null;
        if (knob != null) {
            throw new InvalidConfig(
                    knob,
                    what
                            + " does not know "
                            + knob
                            + "; set it to null first, or make a layer without it");
        }
    }

    /// For what always normalizes a training batch with its own statistics.
    ///
    /// @param what that is
    /// @throws InvalidConfig when the layer does otherwise
    public void requireOwnStatistics(String what) {
        requirePlain(what);
        if (variant.freezeStatistics()) {
            throw new InvalidConfig(
                    "freeze_statistics",
                    what + " has nothing to do in a layer with \"freeze_statistics\": true");
        }
    }
}
