package batchnorm.layer;

import batchnorm.normalization.Config;
import batchnorm.normalization.InvalidConfig;
import batchnorm.normalization.NonFiniteValue;
import batchnorm.normalization.Parameters;
import batchnorm.normalization.RunningStatistics;
import batchnorm.normalization.Variant;
import batchnorm.tensor.DecimalText;
import java.util.EnumMap;
import java.util.Map;
import java.util.function.UnaryOperator;
import org.jspecify.annotations.Nullable;

/// The changes of a layer, or the initial values of a new one: knobs and vectors. An absent vector
/// stays; a null vector resets to its initial value.
public final class LayerPatch {
    /// A layer's vectors, one number per channel each.
    public enum Vector {
        GAMMA("gamma", "scale"),
        BETA("beta", "shift"),
        RUNNING_MEAN("running_mean", "track_running_stats"),
        RUNNING_VAR("running_var", "track_running_stats");

        private final String field;
        private final String knob;

        Vector(String field, String knob) {
            this.field = field;
            this.knob = knob;
        }

        /// Returns the name in requests and responses.
        public String field() {
            return field;
        }

        private boolean isParameter() {
            return this == GAMMA || this == BETA;
        }

        private boolean existsIn(Config config) {
            return switch (this) {
                case GAMMA -> config.scale();
                case BETA -> config.shift();
                case RUNNING_MEAN, RUNNING_VAR -> config.trackRunningStats();
            };
        }
    }

    private static final String BATCHES = "num_batches_tracked";

    private final UnaryOperator<Config> knobs;
    private final Map<Vector, double @Nullable []> vectors = new EnumMap<>(Vector.class);
    private @Nullable Integer features;
    private @Nullable Long batches;
    private boolean anyVariance;

    public LayerPatch(UnaryOperator<Config> knobs) {
        this.knobs = knobs;
    }

    public LayerPatch with(Vector vector, double @Nullable [] values) {
        vectors.put(vector, values);
        return this;
    }

    public LayerPatch withFeatures(@Nullable Integer count) {
        this.features = count;
        return this;
    }

    /// @param count the `num_batches_tracked` to continue from
    /// @throws InvalidConfig for a negative count
    public LayerPatch withBatches(@Nullable Long count) {
        if (count != null && count < 0) {
            throw new InvalidConfig(BATCHES, BATCHES + " is " + count + "; it must be 0 or more");
        }
        this.batches = count;
        return this;
    }

    /// Allows a running variance below 0, as foreign checkpoint files may hold it.
    public LayerPatch withAnyVariance() {
        anyVariance = true;
        return this;
    }

    Config config(Config current) {
        return knobs.apply(current);
    }

    /// Returns the features that this patch decides: the explicit count, else the length of its
    /// vectors, else null.
    ///
    /// @throws InvalidConfig when they contradict each other
    @Nullable Integer features(@Nullable Integer current) {
        Integer decided = current != null ? current : features;
        for (Map.Entry<Vector, double @Nullable []> given : vectors.entrySet()) {
            double[] values = given.getValue();
            if (values == null) {
                continue;
            }
            if (decided == null) {
                decided = values.length;
            }
            if (values.length != decided) {
                String field = given.getKey().field;
                throw new InvalidConfig(
                        field,
                        field + " has " + values.length + " values, but features is " + decided);
            }
        }
        if (decided == null && batches != null && batches > 0) {
            throw new InvalidConfig(
                    BATCHES,
                    "%s is %d, but a layer without features has seen no batch; give features, too"
                            .formatted(BATCHES, batches));
        }
        return decided;
    }

    Parameters parameters(Config config, Parameters current, int features) {
        Parameters initial = Parameters.initial(config, features);
        return new Parameters(
                choose(Vector.GAMMA, config, current.gamma(), initial.gamma()),
                choose(Vector.BETA, config, current.beta(), initial.beta()));
    }

    RunningStatistics running(Config config, RunningStatistics current, int features) {
        RunningStatistics initial = RunningStatistics.initial(config, features);
        double[] mean = choose(Vector.RUNNING_MEAN, config, current.mean(), initial.mean());
        double[] variance =
                choose(Vector.RUNNING_VAR, config, current.variance(), initial.variance());
        return new RunningStatistics(
                mean == null ? initial.mean() : mean,
                variance == null ? initial.variance() : variance,
                batches == null ? current.batches() : batches);
    }

    /// @throws LayerFrozen for a vector or count that is frozen before and after
    void requireThawed(Variant before, Variant after) {
        boolean frozenParameters = before.freezeParameters() && after.freezeParameters();
        boolean frozenStatistics = before.freezeStatistics() && after.freezeStatistics();
        for (Vector vector : vectors.keySet()) {
            if (vector.isParameter() ? frozenParameters : frozenStatistics) {
                throw new LayerFrozen(
                        vector.field,
                        vector.isParameter() ? "freeze_parameters" : "freeze_statistics");
            }
        }
        if (batches != null && frozenStatistics) {
            throw new LayerFrozen(BATCHES, "freeze_statistics");
        }
    }

    /// @throws InvalidConfig for a vector that the layer does not have
    void requireUseful(Config config) {
        for (Vector vector : vectors.keySet()) {
            if (vectors.get(vector) != null && !vector.existsIn(config)) {
                throw new InvalidConfig(
                        vector.field,
                        vector.field
                                + " has no place in a layer with \""
                                + vector.knob
                                + "\": false");
            }
        }
    }

    private double @Nullable [] choose(
            Vector vector,
            Config config,
            double @Nullable [] current,
            double @Nullable [] initial) {
        if (!vectors.containsKey(vector)) {
            return current;
        }
        double[] given = vectors.get(vector);
        if (given == null) {
            return initial;
        }
        requireFinite(vector, config, given);
        if (vector == Vector.RUNNING_VAR && !anyVariance) {
            requireVariance(given);
        }
        return given;
    }

    private static void requireVariance(double[] values) {
        int negative = RunningStatistics.firstNegative(values);
        if (negative >= 0) {
            String field = Vector.RUNNING_VAR.field;
            throw new InvalidConfig(
                    field,
                    "%s[%d] is %s; a variance is 0 or more"
                            .formatted(field, negative, values[negative]));
        }
    }

    private static void requireFinite(Vector vector, Config config, double[] values) {
        boolean mayPropagate = vector == Vector.RUNNING_MEAN || vector == Vector.RUNNING_VAR;
        if (mayPropagate && config.propagatesNonFinite()) {
            return;
        }
        for (int c = 0; c < values.length; c++) {
            if (!Double.isFinite(values[c])) {
                String place = vector.field + "[" + c + "]";
                throw new NonFiniteValue(
                        place, place + " is " + DecimalText.of(values[c]) + "; it must be finite");
            }
        }
    }
}
