package batchnorm.checkpoint;

import batchnorm.checkpoint.ImportReport.FoundLayer;
import batchnorm.checkpoint.ImportReport.Note;
import batchnorm.checkpoint.ImportReport.Skipped;
import batchnorm.checkpoint.LayerPath.Named;
import batchnorm.codec.Checkpoint;
import batchnorm.layer.LayerName;
import batchnorm.layer.LayerPatch;
import batchnorm.layer.NewLayer;
import batchnorm.normalization.Config;
import batchnorm.normalization.Knob;
import batchnorm.normalization.NonFiniteValue;
import batchnorm.normalization.ShapeMismatch;
import batchnorm.tensor.Tensor;
import java.util.ArrayList;
import java.util.Collection;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.OptionalLong;
import java.util.Set;
import java.util.TreeMap;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/// Builds layers from the tensors of one file and collects the notes of the report.
final class ImportPlan {
    /// The reason for skipping numbered tensors of which one is missing.
    static final String AMBIGUOUS =
            "batch normalization without gamma and without beta have the same numbered tensors, and"
                    + " the file does not hold which it is; without=gamma or without=beta decides it";

    private final CheckpointIndex contents;
    private final FileSettings settings;
    private final Checkpoint checkpoint;
    private final List<FoundLayer> layers = new ArrayList<>();
    private final List<Note> notes = new ArrayList<>();

    /// The reasons for skipping tensors, by tensor name.
    private final Map<String, String> skipReasons = new TreeMap<>();

    private Set<String> ambiguous = Set.of();

    /// @param settings of every layer, except for scale and shift
    ImportPlan(CheckpointIndex contents, FileSettings settings, Checkpoint checkpoint) {
        this.contents = contents;
        this.settings = settings;
        this.checkpoint = checkpoint;
    }

    List<FoundLayer> layers() {
        return layers;
    }

    List<Note> notes() {
        return notes;
    }

    /// Returns the paths of possible layers with undecidable roles.
    Set<String> ambiguous() {
        return ambiguous;
    }

    void assume(List<Note> assumed) {
        notes.addAll(0, assumed);
    }

    /// Adds every layer among the tensors.
    ///
    /// @param namePrefix the prefix of the layers' names
    void add(Collection<String> names, String namePrefix) {
        Map<String, Map<TensorRole, String>> found = contents.layers(names);
        contents.requireUnique(found, names);
        found.values().removeIf(parts -> contents.isNumbered(parts) && !areVectors(parts));
        setAside(names);
        notes.addAll(
                ImportNotes.ofAll(
                        contents.framework(),
                        settings.config(),
                        settings.statedForAll(found.keySet())));
        if (found.values().stream().anyMatch(contents::isNumbered)) {
            notes.add(ImportNotes.ofNumbers(contents.framework()));
        }
        Wrappers wrappers = Wrappers.of(contents.framework(), found.keySet());
        notes.addAll(ImportNotes.of(wrappers));
        Map<String, Named> named = LayerPath.names(namePrefix, wrappers.stripped());
        named.forEach((path, name) -> {
            Map<TensorRole, String> parts = found.getOrDefault(path, Map.of());
            FoundLayer layer = layer(name.name(), path, parts);
            layers.add(layer);
            notes.addAll(ImportNotes.of(contents.framework(), name, parts));
            notes.addAll(
                    ImportNotes.ofVariance(
                            name.name(),
                            checkpoint.state().values().get(parts.get(TensorRole.RUNNING_VAR))));
        });
    }

    private void setAside(Collection<String> names) {
        Map<String, Map<TensorRole, String>> unclear = contents.ambiguous(names);
        unclear.values().removeIf(parts -> !areVectors(parts));
        unclear.values()
                .forEach(parts ->
                        parts.values().forEach(tensor -> skipReasons.put(tensor, AMBIGUOUS)));
        unclear.keySet()
                .forEach(path -> notes.add(new Note(null, "skipped", path + ": " + AMBIGUOUS)));
        ambiguous = unclear.keySet();
    }

    /// Returns whether all tensors are vectors of one length.
    private boolean areVectors(Map<TensorRole, String> parts) {
        Set<Integer> lengths =
                parts.values().stream()
                        .map(tensor ->
                                checkpoint.state().values().get(tensor) instanceof Tensor vector
                                                && vector.shape().rank() == 1
                                        ? vector.shape().elements()
                                        : -1)
                        .collect(Collectors.toSet());
        return lengths.size() == 1 && !lengths.contains(-1);
    }

    private FoundLayer layer(LayerName name, String path, Map<TensorRole, String> parts) {
        Config own =
                settings.of(path)
                        .with(
                                Map.of(
                                        Knob.SCALE, parts.containsKey(TensorRole.GAMMA),
                                        Knob.SHIFT, parts.containsKey(TensorRole.BETA)));
        LayerPatch revision = new LayerPatch(base -> base).withAnyVariance();
        Map<TensorRole, String> taken = new EnumMap<>(parts);
        int features = -1;
        long batches = 0;
        for (Map.Entry<TensorRole, String> part : parts.entrySet()) {
            String tensor = part.getValue();
            LayerPatch.Vector target = part.getKey().vector();
            if (target == null) {
                OptionalLong count = count(name, tensor);
                if (count.isEmpty()) {
                    taken.remove(part.getKey());
                }
                batches = count.orElse(0);
                revision.withBatches(batches);
                continue;
            }
            double[] vector = vector(tensor);
            if (features >= 0 && features != vector.length) {
                throw new ShapeMismatch(
                        tensor,
                        "tensor \"%s\" has %d elements, but others of its layer have %d"
                                .formatted(tensor, vector.length, features));
            }
            features = vector.length;
            revision.with(target, vector);
        }
        return new FoundLayer(
                new NewLayer(name, own, revision), path, features, batches, byField(taken));
    }

    private static Map<String, String> byField(Map<TensorRole, String> parts) {
        return parts.entrySet().stream()
                .collect(Collectors.toMap(part -> part.getKey().field(), Map.Entry::getValue));
    }

    /// Returns the batch count in a tensor; records the reason if it is invalid.
    private OptionalLong count(LayerName layer, String tensor) {
        Object value = checkpoint.state().values().get(tensor);
        OptionalLong count = BatchCount.of(value);
        if (count.isEmpty()) {
            String reason =
                    "the count of batches must be one whole number from 0 on: %s"
                            .formatted(
                                    value == null
                                            ? unreadable(tensor)
                                            : "it is " + BatchCount.inWords(value));
            skipReasons.put(tensor, reason);
            notes.add(
                    new Note(
                            layer,
                            TensorRole.BATCHES.field(),
                            "tensor \"%s\" is not taken, and the layer begins at 0: %s"
                                    .formatted(tensor, reason)));
        }
        return count;
    }

    private String unreadable(String tensor) {
        return checkpoint.unreadable().getOrDefault(tensor, "it was not read");
    }

    private double[] vector(String tensor) {
        Object value = checkpoint.state().values().get(tensor);
        if (!(value instanceof Tensor floats)
                || floats.shape().rank() != 1
                || floats.shape().elements() == 0) {
            throw new ShapeMismatch(
                    tensor,
                    "tensor \"%s\" of batch normalization must have one dimension, [features], of floats: %s"
                            .formatted(tensor, form(tensor, value)));
        }
        double[] vector = floats.toDoubles();
        for (int c = 0; c < vector.length && !settings.config().propagatesNonFinite(); c++) {
            if (!Double.isFinite(vector[c])) {
                String place = tensor + "[" + c + "]";
                throw new NonFiniteValue(place, place + " is " + vector[c] + "; it must be finite");
            }
        }
        return vector;
    }

    private String form(String tensor, @Nullable Object value) {
        return switch (value) {
            case null -> unreadable(tensor);
            case Tensor other -> "it has shape " + other.shape();
            default -> "it is an integer";
        };
    }

    /// Returns the tensors that belong to no layer, in the order of the names.
    List<Skipped> skipped(Collection<String> names) {
        Set<String> used =
                layers.stream()
                        .flatMap(layer -> layer.tensors().values().stream())
                        .collect(Collectors.toSet());
        return names.stream()
                .filter(tensor -> !used.contains(tensor))
                .map(tensor -> new Skipped(tensor, reason(tensor)))
                .toList();
    }

    private String reason(String tensor) {
        String reason = skipReasons.getOrDefault(tensor, checkpoint.unreadable().get(tensor));
        return reason == null ? contents.whyNot(tensor) : reason;
    }
}
