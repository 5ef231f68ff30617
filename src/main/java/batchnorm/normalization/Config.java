package batchnorm.normalization;

import batchnorm.normalization.Knob.MomentumMeaning;
import batchnorm.normalization.Knob.NonFinitePolicy;
import batchnorm.normalization.Knob.ReductionScope;
import batchnorm.normalization.Knob.RunningVariance;
import batchnorm.normalization.Knob.SingleValuePolicy;
import batchnorm.tensor.ChannelLayout;
import batchnorm.tensor.DecimalText;
import batchnorm.tensor.Shape;
import java.util.EnumMap;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Objects;
import java.util.SequencedMap;
import org.jspecify.annotations.Nullable;

/// Every knob of a layer, resolved. [Knob] lists them.
///
/// @param convention the source of the knobs before overrides; now it only determines the initial
///   variance
/// @param epsilon added to a variance before its root; 0 or more, and not below `epsilonFloor`, to
///   which a smaller value is raised
/// @param epsilonFloor the least epsilon; 0 or more
/// @param scale whether there is a gamma
/// @param shift whether there is a beta
/// @param variant the frozen parts, and the related method of batch normalization
public record Config(
        Convention convention,
        double epsilon,
        double epsilonFloor,
        Momentum momentum,
        RunningVariance runningVariance,
        Channels channels,
        boolean scale,
        boolean shift,
        boolean trackRunningStats,
        Policies policies,
        Variant variant) {
    public Config {
        requireEpsilon("epsilon", epsilon);
        requireEpsilon("epsilon_floor", epsilonFloor);
        epsilon = Math.max(epsilon, epsilonFloor);
        String needy = variant.needsRunningStatistics();
        if (needy != null && !trackRunningStats) {
            throw new InvalidConfig(
                    needy, needy + " has no place in a layer with \"track_running_stats\": false");
        }
    }

    private static void requireEpsilon(String knob, double value) {
        if (!(value >= 0 && value < Double.POSITIVE_INFINITY)) {
            throw new InvalidConfig(
                    knob, knob + " is " + DecimalText.of(value) + "; it must be 0 or more");
        }
    }

    /// Returns these knobs with another value of one knob.
    public Config with(Knob knob, @Nullable Object value) {
        Map<Knob, @Nullable Object> changed = new EnumMap<>(Knob.class);
        changed.put(knob, value);
        return with(changed);
    }

    /// Returns these knobs with other values of some knobs.
    ///
    /// @param changed values as [Knob#of] returns them
    /// @throws InvalidConfig when the combination of knobs is invalid
    public Config with(Map<Knob, ? extends @Nullable Object> changed) {
        Map<Knob, @Nullable Object> all = new EnumMap<>(Knob.class);
        for (Knob knob : Knob.values()) {
            all.put(knob, changed.containsKey(knob) ? changed.get(knob) : knob.of(this));
        }
        return of(all);
    }

    private static Config of(Map<Knob, @Nullable Object> values) {
        return new Config(
                (Convention) require(values, Knob.CONVENTION),
                (double) require(values, Knob.EPSILON),
                (double) require(values, Knob.EPSILON_FLOOR),
                new Momentum(
                        (Double) values.get(Knob.MOMENTUM),
                        (MomentumMeaning) require(values, Knob.MOMENTUM_MEANING),
                        (boolean) require(values, Knob.ZERO_DEBIAS)),
                (RunningVariance) require(values, Knob.RUNNING_VARIANCE),
                new Channels(
                        (ReductionScope) require(values, Knob.SCOPE),
                        (int) require(values, Knob.CHANNEL_AXIS)),
                (boolean) require(values, Knob.SCALE),
                (boolean) require(values, Knob.SHIFT),
                (boolean) require(values, Knob.TRACK_RUNNING_STATS),
                new Policies(
                        (SingleValuePolicy) require(values, Knob.SINGLE_VALUE),
                        (NonFinitePolicy) require(values, Knob.NON_FINITE)),
                new Variant(
                        (boolean) require(values, Knob.FREEZE_STATISTICS),
                        (boolean) require(values, Knob.FREEZE_PARAMETERS),
                        (double) require(values, Knob.STATISTICS_BLEND),
                        (Integer) values.get(Knob.VIRTUAL_BATCH_SIZE),
                        Renorm.of(
                                (Double) values.get(Knob.R_MAX), (Double) values.get(Knob.D_MAX))));
    }

    private static Object require(Map<Knob, @Nullable Object> values, Knob knob) {
        return Objects.requireNonNull(values.get(knob), knob.field());
    }

    /// Returns these knobs in another variant.
    public Config with(Variant other) {
        return new Config(
                convention,
                epsilon,
                epsilonFloor,
                momentum,
                runningVariance,
                channels,
                scale,
                shift,
                trackRunningStats,
                policies,
                other);
    }

    /// Returns every knob by its JSON name, in the order of responses: a [String], [Double],
    /// [Long], [Boolean] or null. Includes the derived `alpha` and `initial_running_var`.
    ///
    /// @param nextBatch the number of the batch that `alpha` applies to
    public SequencedMap<String, @Nullable Object> knobs(long nextBatch) {
        SequencedMap<String, @Nullable Object> knobs = new LinkedHashMap<>();
        for (Knob knob : Knob.values()) {
            knobs.put(knob.field(), knob.onWire(this));
            if (knob == Knob.ZERO_DEBIAS) {
                knobs.put("alpha", trackRunningStats ? (Double) alpha(nextBatch) : null);
            } else if (knob == Knob.RUNNING_VARIANCE) {
                knobs.put("initial_running_var", convention.initialVariance());
            }
        }
        return knobs;
    }

    /// Returns the weight of a training batch in the running statistics.
    ///
    /// @param batch its number `t`, counted from 1
    public double alpha(long batch) {
        return momentum.alpha(batch);
    }

    /// Returns the division of a tensor of this shape into channels.
    ///
    /// @throws batchnorm.tensor.InvalidShape when it has no such axis
    public ChannelLayout layout(Shape shape) {
        return channels.layout(shape);
    }

    public boolean propagatesNonFinite() {
        return policies.nonFinite() == NonFinitePolicy.PROPAGATE;
    }

    /// Returns whether the running variance averages `M2/(m-1)`.
    boolean learnsUnbiased() {
        return trackRunningStats && runningVariance == RunningVariance.UNBIASED;
    }

    /// Returns whether training batches are normalized with the running statistics.
    public boolean trainsWithRunning() {
        return variant.freezeStatistics() || variant.renorm() != null;
    }

    /// Rejects variants for an operation that supports only the plain operator.
    ///
    /// @param what the operation, for the message
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
                            + " does not support "
                            + knob
                            + "; set it to null first, or make a layer without it");
        }
    }

    /// Rejects frozen statistics for an operation that normalizes training batches with their own.
    ///
    /// @param what the operation, for the message
    /// @throws InvalidConfig when a training batch is not normalized with its own statistics
    public void requireOwnStatistics(String what) {
        requirePlain(what);
        if (variant.freezeStatistics()) {
            throw new InvalidConfig(
                    "freeze_statistics",
                    what + " does not apply to a layer with \"freeze_statistics\": true");
        }
    }
}
