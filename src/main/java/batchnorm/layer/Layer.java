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

/// One version of a named layer. Immutable: a change answers the next version, and [Layers] alone
/// installs it.
///
/// @param incarnation tells this layer from others that had or will have the same name
/// @param version counts the changes of this incarnation, from 1
/// @param features channels per tensor; null until a batch or a vector decides it, and then so are
///   the vectors
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

    /// A layer's vectors take 32 bytes a feature; a per-activation layer of 3×1024×1024 images has
    /// fewer than this.
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

    /// The first version of a new layer.
    ///
    /// @throws InvalidConfig, batchnorm.normalization.NonFiniteValue for what no layer can have
    public static Layer create(LayerName name, Config config, LayerPatch revision, Instant now) {
        String incarnation = HexFormat.of().toHexDigits(RANDOM.nextLong() & 0xFFFF_FFFF_FFFFL, 12);
        return new Layer(name, incarnation, 0, now, now, config, null, null, null)
                .revised(revision, now);
    }

    /// What `If-Match` compares: the incarnation and the version.
    public String tag() {
        return tagOf(version);
    }

    String tagOf(long someVersion) {
        return incarnation + "-" + someVersion;
    }

    public long batches() {
        return running == null ? 0 : running.batches();
    }

    /// This layer with its vectors, at their initial values where no batch has decided the features
    /// yet. The version stays: whoever installs it makes it the next.
    ///
    /// @throws ShapeMismatch when the layer has other features
    public Layer withFeatures(int wanted, String field) {
        if (wanted > MAX_FEATURES) {
            throw new InvalidConfig(
                    "features",
                    field
                            + " asks for "
                            + wanted
                            + " features; a layer has at most "
                            + MAX_FEATURES);
        }
        if (features == null) {
            return as(
                    version,
                    updatedAt,
                    config,
                    wanted,
                    Parameters.initial(config, wanted),
                    config.trackRunningStats() ? RunningStatistics.initial(config, wanted) : null);
        }
        if (features != wanted) {
            throw new ShapeMismatch(
                    field,
                    field
                            + " has "
                            + wanted
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

    /// What inference does to each channel.
    ///
    /// @throws InvalidConfig when the layer has no running statistics to infer with
    /// @throws batchnorm.normalization.NonFiniteResult when they do not make an affine map
    public Affine affine() {
        if (!config.trackRunningStats()) {
            throw new InvalidConfig(
                    "track_running_stats",
                    "layer \""
                            + name
                            + "\" keeps no running statistics: what it does depends on the batch");
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

    /// The next version, after one more training batch; this version when the batch teaches it
    /// nothing.
    public Layer trained(BatchStatistics batch, Instant now) {
        return trained(List.of(batch), now);
    }

    /// The same after a batch of several virtual ones, which are learned in order.
    ///
    /// @param virtual one or more
    public Layer trained(List<BatchStatistics> virtual, Instant now) {
        if (!learnsFrom(virtual)) {
            return this;
        }
        Layer sized = withFeatures(virtual.getFirst().mean().length, "input");
        RunningStatistics updated = sized.running;
        for (BatchStatistics batch : virtual) {
            if (updated != null && updatesStatistics() && !batch.isEmpty()) {
                updated = updated.updated(batch, config);
            }
        }
        return sized.next(sized.parameters, updated, now);
    }

    /// Whether a training batch makes a new version: it updates running statistics, or decides the
    /// features.
    boolean learnsFrom(List<BatchStatistics> virtual) {
        return virtual.stream().anyMatch(batch -> !batch.isEmpty())
                && (updatesStatistics() || features == null);
    }

    /// Whether the layer is fit to infer with.
    ///
    /// @param drifts of the last batches, the latest last
    public Health health(double... drifts) {
        return Health.of(config, running, drifts);
    }

    private boolean updatesStatistics() {
        return config.trackRunningStats() && !config.variant().freezeStatistics();
    }

    /// The weight of the last of the batches that come next.
    double alpha(List<BatchStatistics> virtual) {
        long counting = virtual.stream().filter(batch -> !batch.isEmpty()).count();
        return counting == 0 || config.variant().freezeStatistics()
                ? 0
                : config.alpha(batches() + counting);
    }

    /// The next version, with the running statistics as before the first batch.
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

    /// The next version, with other gamma and beta.
    ///
    /// @throws LayerFrozen when they are frozen
    Layer withParameters(Parameters others, Instant now) {
        if (config.variant().freezeParameters()) {
            throw new LayerFrozen("gamma and beta", "freeze_parameters");
        }
        return next(others, running, now);
    }

    /// This layer in another convention's words, as a version.
    Layer converted(Conversion conversion, long asVersion, Instant asOf) {
        return as(asVersion, asOf, conversion.config(), features, parameters, conversion.running());
    }

    /// The next version, with the knobs and vectors of another version, or of another layer.
    Layer restored(Layer from, Instant now) {
        return as(version + 1, now, from.config, from.features, from.parameters, from.running);
    }

    /// The next version, with other knobs and vectors.
    ///
    /// @throws InvalidConfig, batchnorm.normalization.NonFiniteValue for what no layer can have
    /// @throws LayerFrozen for a vector that was frozen and stays so
    public Layer revised(LayerPatch revision, Instant now) {
        Config wanted = revision.config(config);
        revision.requireThawed(config.variant(), wanted.variant());
        revision.requireUseful(wanted);
        Integer decided = revision.features(features);
        if (decided == null) {
            return as(version + 1, now, wanted, null, null, null);
        }
        // The vectors that come to be now are those that the wanted knobs ask for.
        Layer sized =
                as(version, now, wanted, features, parameters, running)
                        .withFeatures(decided, "features");
        return as(
                version + 1,
                now,
                wanted,
                decided,
                sized.parameters == null
                        ? null
                        : revision.parameters(wanted, sized.parameters, decided),
                sized.running == null ? null : revision.running(wanted, sized.running, decided));
    }

    /// The next version, with other vectors.
    Layer next(
            @Nullable Parameters nextParameters,
            @Nullable RunningStatistics nextRunning,
            Instant now) {
        return as(version + 1, now, config, features, nextParameters, nextRunning);
    }

    /// The same layer, otherwise.
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

    /// Whether a training batch that was computed with the other version would come out the same
    /// with this one: running statistics matter only to a batch that is normalized with them.
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
