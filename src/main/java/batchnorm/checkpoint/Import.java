package batchnorm.checkpoint;

import batchnorm.checkpoint.FrameworkDetector.Detected;
import batchnorm.codec.Checkpoint;
import batchnorm.codec.InvalidField;
import batchnorm.codec.Selection;
import batchnorm.normalization.Config;
import batchnorm.normalization.Knob;
import batchnorm.normalization.Knob.NonFinitePolicy;
import batchnorm.normalization.NonFiniteValue;
import batchnorm.normalization.ShapeMismatch;
import java.util.Arrays;
import java.util.LinkedHashSet;
import java.util.Set;
import java.util.TreeSet;
import java.util.function.Function;
import java.util.stream.Collectors;

/// Imports layers from a checkpoint. Tensors are widened exactly to binary64. Settings that the
/// file states for a layer replace the knobs that the caller has not named. The knobs provide the
/// rest.
///
/// @param config the knobs of every layer of a framework; scale and shift follow the tensors
///   present
/// @param named the knobs that the caller named, which the file's settings do not replace
/// @param name prefix of the layers' names; the whole name of a layer without a path
public record Import(
        Naming naming, Function<Framework, Config> config, Set<Knob> named, String name) {

    /// Returns the options of a program that stores no layer: values that are not finite are
    /// accepted, and so are layers without a path.
    public static Import ofStored(Naming naming) {
        return new Import(
                naming,
                found ->
                        found.convention()
                                .config()
                                .with(Knob.NON_FINITE, NonFinitePolicy.PROPAGATE),
                Set.of(),
                "layer");
    }

    /// Returns the selection of tensors to read.
    public Selection selection() {
        return new Selection() {
            @Override
            public Set<String> among(Set<String> names) {
                CheckpointIndex contents = naming.index(detect(names).framework());
                Set<String> selected = new TreeSet<>();
                contents.layers(names)
                        .values()
                        .forEach(tensors -> selected.addAll(tensors.values()));
                contents.ambiguous(names)
                        .values()
                        .forEach(tensors -> selected.addAll(tensors.values()));
                return selected;
            }

            @Override
            public boolean mayBe(String name) {
                Framework framework = naming.framework();
                return framework != null
                        ? naming.index(framework).mayBe(name)
                        : Arrays.stream(Framework.values())
                                .anyMatch(each -> naming.index(each).mayBe(name));
            }
        };
    }

    private Detected detect(Set<String> names) {
        Framework framework = naming.framework();
        return framework == null
                ? new FrameworkDetector(naming.prefix()).detect(names)
                : new Detected(framework, "");
    }

    /// @throws InvalidField when the file has no layer, one without a name, or an undetected
    ///   framework
    /// @throws ShapeMismatch when the tensors of a layer have different lengths
    /// @throws NonFiniteValue when a vector is not finite, and the layer rejects that
    public ImportReport find(Checkpoint checkpoint) {
        Set<String> names = new LinkedHashSet<>(checkpoint.state().values().keySet());
        names.addAll(checkpoint.unreadable().keySet());
        names.addAll(checkpoint.skipped());
        Framework ofFormat = Framework.of(checkpoint.format());
        boolean isDetected = naming.framework() == null;
        Detected detected =
                isDetected && ofFormat != null
                        ? new Detected(
                                ofFormat, "recognized by the format, " + checkpoint.format().word())
                        : detect(names);
        CheckpointIndex contents = naming.index(detected.framework());
        FileSettings settings =
                new FileSettings(
                        detected.framework(),
                        config.apply(detected.framework()),
                        named,
                        naming.prefix(),
                        checkpoint.settings());
        ImportPlan plan = new ImportPlan(contents, settings, checkpoint);
        plan.add(names, name);
        if (plan.layers().isEmpty()) {
            throw nothing(contents.framework(), names, plan.ambiguous());
        }
        if (isDetected && ofFormat == null) {
            plan.assume(ImportNotes.ofDetection(contents.framework()));
        }
        return new ImportReport(
                contents.framework(),
                isDetected ? detected.how() : null,
                plan.layers(),
                plan.skipped(names),
                plan.notes());
    }

    /// Returns the exception for a file without layers, with the probable framework.
    private InvalidField nothing(Framework meant, Set<String> names, Set<String> ambiguous) {
        String others =
                new FrameworkDetector(naming.prefix())
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
                                naming.prefix().isEmpty() ? "" : " under the prefix",
                                others.isEmpty() ? "" : "; by their names it is of " + others,
                                ambiguous.isEmpty() ? "" : "; " + ImportPlan.AMBIGUOUS));
    }
}
