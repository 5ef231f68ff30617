package batchnorm.checkpoint;

import batchnorm.checkpoint.FrameworkDetector.Detected;
import batchnorm.codec.Checkpoint;
import batchnorm.codec.InvalidField;
import batchnorm.codec.Selection;
import batchnorm.normalization.Config;
import batchnorm.normalization.NonFiniteValue;
import batchnorm.normalization.ShapeMismatch;
import java.util.Arrays;
import java.util.LinkedHashSet;
import java.util.Set;
import java.util.TreeSet;
import java.util.function.Function;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/// Layers out of a checkpoint: what its tensors hold, widened to binary64, which is exact. What no
/// tensor holds comes from the caller.
///
/// @param framework whose names the tensors have; null where the names decide
/// @param config the knobs of every layer of a framework, but for scale and shift: those are where
///   their tensors are
/// @param prefix of the names of the tensors that are looked at; it is no part of a layer's name
/// @param name in front of the layers' own names; of a layer without a path, its name
public record Import(
        @Nullable Framework framework,
        Function<Framework, Config> config,
        String prefix,
        String name) {

    /// Which tensors are wanted.
    public Selection selection() {
        return new Selection() {
            @Override
            public Set<String> among(Set<String> names) {
                CheckpointIndex contents = new CheckpointIndex(detect(names).framework(), prefix);
                Set<String> wanted = new TreeSet<>();
                contents.layers(names).values().forEach(tensors -> wanted.addAll(tensors.values()));
                contents.ambiguous(names)
                        .values()
                        .forEach(tensors -> wanted.addAll(tensors.values()));
                return wanted;
            }

            @Override
            public boolean mayBe(String name) {
                return framework != null
                        ? new CheckpointIndex(framework, prefix).mayBe(name)
                        : Arrays.stream(Framework.values())
                                .anyMatch(each -> new CheckpointIndex(each, prefix).mayBe(name));
            }
        };
    }

    private Detected detect(Set<String> names) {
        return framework == null
                ? new FrameworkDetector(prefix).detect(names)
                : new Detected(framework, "");
    }

    /// @throws InvalidField when there is no layer in it, or one without a name; when the framework
    ///   is not named and not recognized
    /// @throws ShapeMismatch when the tensors of a layer do not fit each other
    /// @throws NonFiniteValue when a vector is not finite, and the layer rejects that
    public ImportReport find(Checkpoint checkpoint) {
        Set<String> names = new LinkedHashSet<>(checkpoint.state().values().keySet());
        names.addAll(checkpoint.unreadable().keySet());
        names.addAll(checkpoint.skipped());
        Detected detected = detect(names);
        CheckpointIndex contents = new CheckpointIndex(detected.framework(), prefix);
        ImportPlan plan = new ImportPlan(contents, config.apply(contents.framework()), checkpoint);
        plan.add(names, name);
        if (plan.layers().isEmpty()) {
            throw nothing(contents.framework(), names, plan.ambiguous());
        }
        if (framework == null) {
            plan.assume(ImportNotes.ofDetection(contents.framework()));
        }
        return new ImportReport(
                contents.framework(),
                framework == null ? detected.how() : null,
                plan.layers(),
                plan.skipped(names),
                plan.notes());
    }

    /// The complaint about a file without layers, with the framework that may have been meant.
    private InvalidField nothing(Framework meant, Set<String> names, Set<String> ambiguous) {
        String others =
                new FrameworkDetector(prefix)
                        .candidates(names).keySet().stream()
                                .filter(other -> other != meant)
                                .map(Framework::word)
                                .collect(Collectors.joining(" or "));
        return new InvalidField(
                "framework",
                "no batch normalization of %s (%s) is among the %d tensors of the file%s%s%s"
                        .formatted(
                                meant.word(),
                                meant.inWords(),
                                names.size(),
                                prefix.isEmpty() ? "" : " under the prefix",
                                others.isEmpty() ? "" : "; by their names it is of " + others,
                                ambiguous.isEmpty() ? "" : "; " + ImportPlan.AMBIGUOUS));
    }
}
