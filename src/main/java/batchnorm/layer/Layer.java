package batchnorm.layer;

import batchnorm.normalization.Affine;
import batchnorm.normalization.BatchStatistics;
import batchnorm.normalization.Config;
import batchnorm.normalization.Conversion;
import batchnorm.normalization.Health;
import batchnorm.normalization.InvalidConfig;
import batchnorm.normalization.Parameters;
import batchnorm.normalization.RunningStatistics;
import batchnorm.normalization.ShapeMismatch;
import java.security.SecureRandom;
import java.time.Instant;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// One immutable version of a named layer. A change returns the next version; only [Layers]
/// installs it.
///
/// @param incarnation distinguishes this layer from earlier and later layers of the same name
/// @param version counts the changes of this incarnation, from 1
/// @param features channels per tensor; null, like the vectors, until a batch or a vector decides
///   it
/// @param running null when the layer does not track running statistics
public record Layer(
        LayerName name,
        String incarnation,
        long version,
        Instant createdAt,
        Instant updatedAt,
        Config config,
        @Nullable Integer features,
        @Nullable Parameters parameters,
        @Nullable RunningStatistics running) {

    /// Bounds a layer's vectors, 32 bytes per feature. A per-activation layer of 3×1024×1024 images
    /// has fewer features.
    public static final int MAX_FEATURES = 1 << 22;

    private static final SecureRandom RANDOM = new SecureRandom();

    public Layer {
        if (features != null && features < 1) {
            throw new InvalidConfig(
                    "features", "features is " + features + "; it must be 1 or more");
        }
        if ((features == null) != (parameters == null)
                || (running != null) != (features != null && config.trackRunningStats())) {
            throw new IllegalArgumentException("vectors exist exactly when features are known");
        }
    }

    /// Returns the first version of a new layer.
    ///
    /// @throws InvalidConfig, batchnorm.normalization.NonFiniteValue for invalid knobs or vectors
    public static Layer create(LayerName name, Config config, LayerPatch revision, Instant now) {
        String incarnation = HexFormat.of().toHexDigits(RANDOM.nextLong() & 0xFFFF_FFFF_FFFFL, 12);
        return new Layer(name, incarnation, 0, now, now, config, null, null, null)
                .revised(revision, now);
    }

    /// Returns the value that `If-Match` compares: the incarnation and the version.
    public String tag() {
        return tagOf(version);
    }

    String tagOf(long someVersion) {
        return incarnation + "-" + someVersion;
    }

    public long batches() {
        return running == null ? 0 : running.batches();
    }

    /// Returns this layer with its vectors, at their initial values if no batch has decided the
    /// features. The version stays; the caller increments it on installation.
    ///
    /// @throws ShapeMismatch when the layer has a different number of features
    public Layer withFeatures(int requested, String field) {
        if (requested > MAX_FEATURES) {
            throw new InvalidConfig(
                    "features",
                    field
                            + " requests "
                            + requested
                            + " features; a layer has at most "
                            + MAX_FEATURES);
        }
        if (features == null) {
            return as(
                    version,
                    updatedAt,
                    config,
                    requested,
                    Parameters.initial(config, requested),
                    config.trackRunningStats()
                            ? RunningStatistics.initial(config, requested)
                            : null);
        }
        if (features != requested) {
            throw new ShapeMismatch(
                    field,
                    field
                            + " has "
                            + requested
                            + " channels ("
                            + config.channels().inWords()
                            + "), but layer \""
                            + name
                            + "\" has "
                            + features
                            + " features");
        }
        return this;
    }

    /// Returns the affine map that inference applies to each channel.
    ///
    /// @throws InvalidConfig when the layer has no running statistics
    /// @throws batchnorm.normalization.NonFiniteResult when they do not yield a finite affine map
    public Affine affine() {
        if (!config.trackRunningStats()) {
            throw new InvalidConfig(
                    "track_running_stats",
                    "layer \""
                            + name
                            + "\" keeps no running statistics; its output depends on the batch");
        }
        if (running == null || parameters == null) {
            throw new InvalidConfig(
                    "features",
                    "layer \""
                            + name
                            + "\" has no features yet; its first training batch decides them, or a PATCH of"
                            + " its vectors");
        }
        return Affine.of(running, parameters, config);
    }

    /// Returns the next version, after one more training batch; this version when the batch has no
    /// effect.
    public Layer trained(BatchStatistics batch, Instant now) {
        return trained(List.of(batch), now);
    }

    /// Returns the next version, after the virtual batches of one batch in order.
    ///
    /// @param virtual one or more
    public Layer trained(List<BatchStatistics> virtual, Instant now) {
        if (!learnsFrom(virtual)) {
            return this;
        }
        Layer sized = withFeatures(virtual.getFirst().mean().length, "input");
        RunningStatistics updated = sized.running;
        for (BatchStatistics batch : virtual) {
            if (updated != null && countsBatches() && !batch.isEmpty()) {
                updated = updated.updated(batch, config);
            }
        }
        return sized.next(sized.parameters, updated, now);
    }

    /// Returns whether a training batch makes a new version: it updates running statistics or
    /// decides the features.
    boolean learnsFrom(List<BatchStatistics> virtual) {
        return virtual.stream().anyMatch(batch -> !batch.isEmpty())
                && (countsBatches() || features == null);
    }

    /// Returns whether the layer is fit for inference.
    ///
    /// @param drifts of the last batches, the latest last
    public Health health(double... drifts) {
        return Health.of(config, running, drifts);
    }

    /// Returns whether training batches update the running statistics and their count.
    public boolean countsBatches() {
        return config.trackRunningStats() && !config.variant().freezeStatistics();
    }

    /// Returns the weight of the last of the given batches.
    double alpha(List<BatchStatistics> virtual) {
        long counting = virtual.stream().filter(batch -> !batch.isEmpty()).count();
        return counting == 0 || config.variant().freezeStatistics()
                ? 0
                : config.alpha(batches() + counting);
    }

    /// Returns the next version, with initial running statistics.
    ///
    /// @throws LayerFrozen when they are frozen
    public Layer reset(Instant now) {
        if (config.variant().freezeStatistics()) {
            throw new LayerFrozen("running_mean", "freeze_statistics");
        }
        RunningStatistics initial =
                running == null || features == null
                        ? null
                        : RunningStatistics.initial(config, features);
        return next(parameters, initial, now);
    }

    /// Returns the next version, with the given gamma and beta.
    ///
    /// @throws LayerFrozen when they are frozen
    Layer withParameters(Parameters others, Instant now) {
        if (config.variant().freezeParameters()) {
            throw new LayerFrozen("gamma and beta", "freeze_parameters");
        }
        return next(others, running, now);
    }

    /// Returns the version that a recorded change made.
    Layer at(StepRecord step) {
        return as(
                step.version(),
                step.createdAt(),
                step.config(),
                features,
                step.parameters(),
                step.running());
    }

    /// Returns this layer converted to another convention, under the given version.
    Layer converted(Conversion conversion, long asVersion, Instant asOf) {
        return as(asVersion, asOf, conversion.config(), features, parameters, conversion.running());
    }

    /// Returns the next version, with the knobs and vectors of another version or layer.
    Layer restored(Layer from, Instant now) {
        return as(version + 1, now, from.config, from.features, from.parameters, from.running);
    }

    /// Returns the next version, with the knobs and vectors of the patch.
    ///
    /// @throws InvalidConfig, batchnorm.normalization.NonFiniteValue for invalid knobs or vectors
    /// @throws LayerFrozen for a vector that is frozen before and after
    public Layer revised(LayerPatch revision, Instant now) {
        Config requested = revision.config(config);
        revision.requireThawed(config.variant(), requested.variant());
        revision.requireUseful(requested);
        Integer decided = revision.features(features);
        if (decided == null) {
            return as(version + 1, now, requested, null, null, null);
        }
        // New vectors follow the revised knobs.
        Layer sized =
                as(version, now, requested, features, parameters, running)
                        .withFeatures(decided, "features");
        return as(
                version + 1,
                now,
                requested,
                decided,
                sized.parameters == null
                        ? null
                        : revision.parameters(requested, sized.parameters, decided),
                sized.running == null ? null : revision.running(requested, sized.running, decided));
    }

    Layer next(
            @Nullable Parameters nextParameters,
            @Nullable RunningStatistics nextRunning,
            Instant now) {
        return as(version + 1, now, config, features, nextParameters, nextRunning);
    }

    private Layer as(
            long otherVersion,
            Instant asOf,
            Config otherConfig,
            @Nullable Integer otherFeatures,
            @Nullable Parameters otherParameters,
            @Nullable RunningStatistics otherRunning) {
        return new Layer(
                name,
                incarnation,
                otherVersion,
                createdAt,
                asOf,
                otherConfig,
                otherFeatures,
                otherParameters,
                otherRunning);
    }

    /// Returns whether a training batch yields the same result with either version. Running
    /// statistics matter only to a batch that is normalized with them.
    boolean trainsLike(Layer other) {
        return incarnation.equals(other.incarnation)
                && config.equals(other.config)
                && sameParameters(parameters, other.parameters)
                && (!config.trainsWithRunning() || sameStatistics(running, other.running));
    }

    private static boolean sameStatistics(
            @Nullable RunningStatistics a, @Nullable RunningStatistics b) {
        return a == b || (a != null && b != null && a.agreesWith(b));
    }

    private static boolean sameParameters(@Nullable Parameters a, @Nullable Parameters b) {
        return a == b
                || (a != null
                        && b != null
                        && Arrays.equals(a.gamma(), b.gamma())
                        && Arrays.equals(a.beta(), b.beta()));
    }
}
