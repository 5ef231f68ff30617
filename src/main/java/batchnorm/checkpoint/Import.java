package batchnorm.checkpoint;

import batchnorm.checkpoint.Found.FoundLayer;
import batchnorm.checkpoint.Found.Note;
import batchnorm.checkpoint.Found.Skipped;
import batchnorm.codec.Checkpoint;
import batchnorm.codec.InvalidField;
import batchnorm.codec.Message;
import batchnorm.codec.Selection;
import batchnorm.layer.LayerName;
import batchnorm.layer.NewLayer;
import batchnorm.layer.Revision;
import batchnorm.normalization.Config;
import batchnorm.normalization.NonFiniteValue;
import batchnorm.normalization.ShapeMismatch;
import batchnorm.tensor.Tensor;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/// Layers out of a checkpoint: what its tensors say, widened to binary64, which is exact; and what
/// no tensor says as the caller has it.
///
/// @param config the knobs of every layer, but for scale and shift: those are where their tensors
///   are
/// @param prefix of the names of the tensors that are looked at; it is no part of a layer's name
/// @param name in front of the layers' own names; of a layer without a path, its name
public record Import(Framework framework, Config config, String prefix, String name) {

    /// Which tensors are wanted.
    public Selection selection() {
        return contents();
    }

    private Contents contents() {
        return new Contents(framework, prefix);
    }

    /// @throws InvalidField when there is no layer in it, or one without a name that it can have
    /// @throws ShapeMismatch when the tensors of a layer do not fit each other
    /// @throws NonFiniteValue when a vector is not finite, and the layer rejects that
    public Found find(Checkpoint checkpoint) {
        Set<String> names = checkpoint.state().values().keySet();
        TreeMap<String, Map<Part, String>> found = contents().layers(names);
        if (found.isEmpty()) {
            throw nothing(Stream.concat(names.stream(), checkpoint.skipped().stream()).toList());
        }
        List<FoundLayer> layers = new ArrayList<>();
        List<Note> notes = new ArrayList<>(Notes.ofAll(framework, config));
        Set<LayerName> taken = new TreeSet<>();
        found.forEach((path, parts) -> {
            LayerName layerName = LayerPath.name(name, path);
            if (!taken.add(layerName)) {
                throw new InvalidField(
                        "name", "two paths of the file make the layer name \"" + layerName + '"');
            }
            FoundLayer layer = layer(layerName, parts, checkpoint.state());
            layers.add(layer);
            notes.addAll(Notes.of(framework, path, layer));
            notes.addAll(
                    Notes.ofVariance(
                            layerName,
                            checkpoint.state().values().get(parts.get(Part.RUNNING_VAR))));
        });
        return new Found(layers, skipped(checkpoint, found), notes);
    }

    private FoundLayer layer(LayerName layerName, Map<Part, String> parts, Message state) {
        Config own = config.with(parts.containsKey(Part.GAMMA), parts.containsKey(Part.BETA));
        Revision revision = new Revision(base -> base).withAnyVariance();
        int features = -1;
        long batches = 0;
        for (Map.Entry<Part, String> part : parts.entrySet()) {
            Object value = state.values().get(part.getValue());
            if (part.getKey().vector() == null) {
                batches = count(part.getValue(), value);
                revision.withBatches(batches);
                continue;
            }
            double[] vector = vector(part.getValue(), value);
            if (features >= 0 && features != vector.length) {
                throw new ShapeMismatch(
                        part.getValue(),
                        "tensor \"%s\" has %d elements, but others of its layer have %d"
                                .formatted(part.getValue(), vector.length, features));
            }
            features = vector.length;
            revision.with(part.getKey().vector(), vector);
        }
        return new FoundLayer(
                new NewLayer(layerName, own, revision),
                features,
                batches,
                parts.entrySet().stream()
                        .collect(
                                Collectors.toMap(
                                        part -> part.getKey().field(), Map.Entry::getValue)));
    }

    private double[] vector(String tensor, @Nullable Object value) {
        if (!(value instanceof Tensor floats)
                || floats.shape().rank() != 1
                || floats.shape().elements() == 0) {
            throw new ShapeMismatch(
                    tensor,
                    "tensor \"%s\" has %s; of batch normalization it has one dimension, [features], of floats"
                            .formatted(
                                    tensor,
                                    value instanceof Tensor other
                                            ? "shape " + other.shape()
                                            : "whole numbers"));
        }
        double[] vector = floats.toDoubles();
        for (int c = 0; c < vector.length && !config.propagatesNonFinite(); c++) {
            if (!Double.isFinite(vector[c])) {
                String place = tensor + "[" + c + "]";
                throw new NonFiniteValue(place, place + " is " + vector[c] + "; it must be finite");
            }
        }
        return vector;
    }

    private static long count(String tensor, @Nullable Object value) {
        if (value instanceof Long count && count >= 0) {
            return count;
        }
        throw new ShapeMismatch(
                tensor, "tensor \"" + tensor + "\" must be one whole number, 0 or more");
    }

    private List<Skipped> skipped(Checkpoint checkpoint, TreeMap<String, Map<Part, String>> found) {
        Set<String> used =
                found.values().stream()
                        .flatMap(parts -> parts.values().stream())
                        .collect(Collectors.toSet());
        return Stream.concat(
                        checkpoint.skipped().stream(),
                        checkpoint.state().values().keySet().stream()
                                .filter(tensor -> !used.contains(tensor)))
                .map(tensor -> new Skipped(tensor, contents().whyNot(tensor)))
                .toList();
    }

    /// The complaint about a file without layers, with the framework that may have been meant.
    private InvalidField nothing(List<String> names) {
        String others =
                Arrays.stream(Framework.values())
                        .filter(other -> !new Contents(other, prefix).layers(names).isEmpty())
                        .map(Framework::word)
                        .collect(Collectors.joining(" or "));
        return new InvalidField(
                "framework",
                "no batch normalization of %s (%s) is among the %d tensors of the file%s%s"
                        .formatted(
                                framework.word(),
                                framework.inWords(),
                                names.size(),
                                prefix.isEmpty() ? "" : " under the prefix",
                                others.isEmpty() ? "" : "; by their names it is of " + others));
    }
}
