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

/// What clients saw of one layer's training, and whether a store that keeps its promises could have
/// shown it to them: every acknowledged step is there, once, in an order that respects real time,
/// and the layer is what these steps make of it, bit for bit.
public final class History {
    private final List<Step> steps = new ArrayList<>();

    /// One acknowledged step.
    ///
    /// @param key of the step; a retry has the same
    /// @param begun when the client first asked for it, in nanoseconds
    /// @param answered when it was told the version
    public record Step(
            String key, long version, BatchStatistics batch, long begun, long answered) {}

    public synchronized void add(Step step) {
        steps.add(step);
    }

    public synchronized int size() {
        return steps.size();
    }

    /// The history up to a version, as if nothing had happened since.
    synchronized History until(long version) {
        History earlier = new History();
        steps.stream().filter(step -> step.version() <= version).forEach(earlier::add);
        return earlier;
    }

    /// What is wrong, in words; empty when nothing is.
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
                        "lost: version %d was told for key %s and for key %s"
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
                        "doubled: nobody asked for version %d, %d follows it"
                                .formatted(expected, version));
                expected = version;
            }
        }
        if (last.version() != expected) {
            violations.add(
                    "the layer is at version %d, the last answer told %d"
                            .formatted(last.version(), expected));
        }
    }

    /// A step that was answered before another one was begun has the lower version.
    private static void findReversals(NavigableMap<Long, Step> byVersion, List<String> violations) {
        long earliestAnswer = Long.MAX_VALUE; // of all higher versions
        for (Step step : byVersion.descendingMap().values()) {
            if (earliestAnswer < step.begun()) {
                violations.add(
                        "reversed: version %d was begun after a higher one was answered"
                                .formatted(step.version()));
            }
            earliestAnswer = Math.min(earliestAnswer, step.answered());
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
                    "the fold of %d answered batches is not the state of %d"
                            .formatted(expected.batches(), actual.batches()));
        }
    }
}
