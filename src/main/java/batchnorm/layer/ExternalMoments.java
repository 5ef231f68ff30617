package batchnorm.layer;

import batchnorm.normalization.InvalidConfig;
import batchnorm.normalization.InvalidMoments;
import batchnorm.normalization.Knob;
import batchnorm.normalization.Knob.RunningVariance;
import batchnorm.normalization.Moments;
import batchnorm.normalization.RunningStatistics;
import java.time.Instant;
import java.util.List;

/// The moments of values seen outside the service, for a layer's running statistics.
record ExternalMoments(Moments moments) {

    /// Returns the layer's next version, with the statistics of this population.
    ///
    /// @param batches the number of batches that the population counts as
    /// @throws LayerFrozen when the running statistics are frozen
    /// @throws InvalidConfig when the layer tracks none
    /// @throws InvalidMoments when the population is empty
    Layer installedIn(Layer layer, long batches, Instant now) {
        Layer sized = layer.withFeatures(moments.channels(), "mean");
        requireRunning(sized);
        if (moments.isEmpty()) {
            throw new InvalidMoments("count", "count is 0; statistics need at least one value");
        }
        if (batches < 0) {
            throw new InvalidConfig(
                    "num_batches_tracked",
                    "num_batches_tracked is " + batches + "; it must be 0 or more");
        }
        return sized.next(
                sized.parameters(), RunningStatistics.of(moments, sized.config(), batches), now);
    }

    /// Returns the layer's next version, with its running statistics merged with this population.
    ///
    /// @param runningCount the values per channel that the running statistics represent, possibly 0
    /// @throws LayerFrozen when the running statistics are frozen
    /// @throws InvalidConfig when the layer tracks none
    Layer mergedInto(Layer layer, long runningCount, Instant now) {
        Layer sized = layer.withFeatures(moments.channels(), "mean");
        RunningStatistics own = requireRunning(sized);
        if (runningCount < 0) {
            throw new InvalidMoments(
                    "running_count", "running_count is " + runningCount + "; it must be 0 or more");
        }
        Moments whole =
                runningCount == 0
                        ? moments
                        : Moments.merge(
                                List.of(own.asPopulation(runningCount, sized.config()), moments));
        return new ExternalMoments(whole).installedIn(layer, own.batches() + 1, now);
    }

    /// Returns the layer's next version, with these statistics.
    ///
    /// @param kind of the variances
    /// @throws LayerFrozen when the running statistics are frozen
    /// @throws InvalidConfig when the layer tracks none
    static Layer installed(
            RunningStatistics statistics, RunningVariance kind, Layer layer, Instant now) {
        Layer sized = layer.withFeatures(statistics.mean().length, "mean");
        requireRunning(sized);
        if (kind != layer.config().runningVariance()) {
            throw new InvalidConfig(
                    "running_variance",
                    "layer \"%s\" no longer averages the %s variance of the chunks; open another"
                                    .formatted(layer.name(), Knob.word(kind))
                            + " accumulation");
        }
        return sized.next(sized.parameters(), statistics, now);
    }

    private static RunningStatistics requireRunning(Layer layer) {
        RunningStatistics running = layer.running();
        if (running == null) {
            throw new InvalidConfig(
                    "track_running_stats",
                    "layer \""
                            + layer.name()
                            + "\" has \"track_running_stats\": false, so nothing can be installed");
        }
        if (layer.config().variant().freezeStatistics()) {
            throw new LayerFrozen("running_mean", "freeze_statistics");
        }
        return running;
    }
}
