package batchnorm.storage;

import static java.util.Objects.requireNonNull;

import batchnorm.layer.Layer;
import batchnorm.normalization.BatchStatistics;
import batchnorm.normalization.RunningStatistics;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.NavigableMap;
import java.util.TreeMap;

/// The history that clients observed of one layer's training. Checks that a correct store could
/// have produced it: every acknowledged step is present once, in an order that respects real time.
/// The layer must be bitwise equal to the fold of these steps.
public final class History {
    private final List<Step> steps = new ArrayList<>();

    /// An acknowledged step.
    ///
    /// @param key of the step; a retry has the same
    /// @param begun the time of the first request, in nanoseconds
    /// @param answered the time of the response with the version
    public record Step(
            String key, long version, BatchStatistics batch, long begun, long answered) {}

    public synchronized void add(Step step) {
        steps.add(step);
    }

    public synchronized int size() {
        return steps.size();
    }

    /// Returns the history up to a version.
    synchronized History until(long version) {
        History earlier = new History();
        steps.stream().filter(step -> step.version() <= version).forEach(earlier::add);
        return earlier;
    }

    /// Returns the violations; empty if there are none.
    ///
    /// @param first the layer before the first step
    /// @param last the layer after the last
    public synchronized List<String> violations(Layer first, Layer last) {
        List<String> violations = new ArrayList<>();
        Map<String, Step> byKey = oneVersionPerKey(violations);
        NavigableMap<Long, Step> byVersion = oneKeyPerVersion(byKey, violations);
        findGaps(byVersion, first, last, violations);
        findReversals(byVersion, violations);
        fold(byVersion, first, last, violations);
        return violations;
    }

    private Map<String, Step> oneVersionPerKey(List<String> violations) {
        Map<String, Step> byKey = new HashMap<>();
        for (Step step : steps) {
            Step earlier = byKey.putIfAbsent(step.key(), step);
            if (earlier != null && earlier.version() != step.version()) {
                violations.add(
                        "doubled: key %s is version %d and version %d"
                                .formatted(step.key(), earlier.version(), step.version()));
            }
        }
        return byKey;
    }

    private static NavigableMap<Long, Step> oneKeyPerVersion(
            Map<String, Step> byKey, List<String> violations) {
        NavigableMap<Long, Step> byVersion = new TreeMap<>();
        for (Step step : byKey.values()) {
            Step other = byVersion.putIfAbsent(step.version(), step);
            if (other != null) {
                violations.add(
                        "lost: version %d was acknowledged for key %s and for key %s"
                                .formatted(step.version(), other.key(), step.key()));
            }
        }
        return byVersion;
    }

    private static void findGaps(
            NavigableMap<Long, Step> byVersion, Layer first, Layer last, List<String> violations) {
        long expected = first.version();
        for (long version : byVersion.keySet()) {
            expected++;
            if (version != expected) {
                violations.add(
                        "doubled: no request made version %d, %d follows it"
                                .formatted(expected, version));
                expected = version;
            }
        }
        if (last.version() != expected) {
            violations.add(
                    "the layer is at version %d, the last response reported %d"
                            .formatted(last.version(), expected));
        }
    }

    /// A step acknowledged before another one began must have the lower version.
    private static void findReversals(NavigableMap<Long, Step> byVersion, List<String> violations) {
        long earliestResponse = Long.MAX_VALUE; // of all higher versions
        for (Step step : byVersion.descendingMap().values()) {
            if (earliestResponse < step.begun()) {
                violations.add(
                        "reversed: version %d began after a higher one was acknowledged"
                                .formatted(step.version()));
            }
            earliestResponse = Math.min(earliestResponse, step.answered());
        }
    }

    private static void fold(
            NavigableMap<Long, Step> byVersion, Layer first, Layer last, List<String> violations) {
        Layer folded = first;
        for (Step step : byVersion.values()) {
            folded = folded.trained(step.batch(), last.updatedAt());
        }
        RunningStatistics expected = requireNonNull(folded.running());
        RunningStatistics actual = requireNonNull(last.running());
        if (expected.batches() != actual.batches()
                || !Arrays.equals(expected.mean(), actual.mean())
                || !Arrays.equals(expected.variance(), actual.variance())) {
            violations.add(
                    "the fold of %d acknowledged batches is not the state of %d"
                            .formatted(expected.batches(), actual.batches()));
        }
    }
}
