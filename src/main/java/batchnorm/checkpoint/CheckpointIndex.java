package batchnorm.checkpoint;

import batchnorm.checkpoint.Framework.Slot;
import batchnorm.checkpoint.Naming.Parameter;
import batchnorm.codec.InvalidField;
import java.util.Collection;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/// An index of a checkpoint by tensor names. A layer is a path with a running mean and a running
/// variance. Weight and bias alone are not conclusive.
///
/// @param prefix of the names of the tensors to examine, not part of a path
/// @param without as in [Naming]
record CheckpointIndex(Framework framework, String prefix, @Nullable Parameter without) {
    private static final Set<TensorRole> STATISTICS =
            Set.of(TensorRole.RUNNING_MEAN, TensorRole.RUNNING_VAR);

    /// Returns whether a tensor may be part of a layer.
    boolean mayBe(String name) {
        return slot(name).isPresent();
    }

    /// Returns the tensors of each layer, by path in alphabetical order.
    TreeMap<String, Map<TensorRole, String>> layers(Collection<String> names) {
        TreeMap<String, Map<TensorRole, String>> layers = byPath(names);
        layers.values().removeIf(parts -> !parts.keySet().containsAll(STATISTICS));
        names.stream()
                .flatMap(name -> framework.pathOfFurtherVariable(name, prefix).stream())
                .forEach(layers::remove);
        return layers;
    }

    /// @throws InvalidField when two tensors have the same role in a layer
    void requireUnique(Map<String, Map<TensorRole, String>> layers, Collection<String> names) {
        for (String name : names) {
            slot(name)
                    .map(slot ->
                            layers.getOrDefault(slot.path(), Map.of())
                                    .getOrDefault(slot.part(), name))
                    .filter(used -> !used.equals(name) && !isDecided(layers, name))
                    .ifPresent(used -> {
                        throw new InvalidField(
                                name,
                                "the tensors \"%s\" and \"%s\" are the same part of one layer"
                                        .formatted(used, name));
                    });
        }
    }

    /// Returns whether a tensor has a role other than that of its number.
    private boolean isDecided(Map<String, Map<TensorRole, String>> layers, String name) {
        return without != null
                && layers.values().stream().anyMatch(parts -> parts.containsValue(name));
    }

    /// Returns the numbered tensors, by path, of possible layers with one tensor missing. Their
    /// roles are undecidable.
    TreeMap<String, Map<TensorRole, String>> ambiguous(Collection<String> names) {
        TreeMap<String, Map<TensorRole, String>> paths = byPath(names);
        paths.values().removeIf(parts -> !isAmbiguous(parts));
        return paths;
    }

    private boolean isAmbiguous(Map<TensorRole, String> parts) {
        return parts.containsKey(TensorRole.RUNNING_MEAN)
                && !parts.containsKey(TensorRole.RUNNING_VAR)
                && parts.size() >= 3
                && isNumbered(parts);
    }

    /// Returns whether the tensors of a layer are numbered.
    boolean isNumbered(Map<TensorRole, String> parts) {
        return framework.isNumbered(parts.getOrDefault(TensorRole.RUNNING_MEAN, ""));
    }

    private TreeMap<String, Map<TensorRole, String>> byPath(Collection<String> names) {
        TreeMap<String, Map<TensorRole, String>> paths = new TreeMap<>();
        for (String name : names) {
            slot(name)
                    .ifPresent(slot ->
                            paths.computeIfAbsent(slot.path(), _ -> new EnumMap<>(TensorRole.class))
                                    .putIfAbsent(slot.part(), name));
        }
        if (without != null && framework == Framework.KERAS) {
            paths.values().stream().filter(this::isAmbiguous).forEach(this::decide);
        }
        return paths;
    }

    /// Gives the three vectors of a layer of Keras their roles. Numbers follow the order gamma,
    /// beta, mean, variance, without gaps.
    private void decide(Map<TensorRole, String> parts) {
        List<String> vectors = List.copyOf(parts.values()); // in the order of the numbers
        parts.clear();
        parts.put(without == Parameter.GAMMA ? TensorRole.BETA : TensorRole.GAMMA, vectors.get(0));
        parts.put(TensorRole.RUNNING_MEAN, vectors.get(1));
        parts.put(TensorRole.RUNNING_VAR, vectors.get(2));
    }

    /// Returns the reason why a tensor is not part of a layer.
    String whyNot(String name) {
        if (!framework.plain(name).startsWith(prefix)) {
            return "its name does not begin with the prefix";
        }
        return slot(name).isEmpty()
                ? "no part of batch normalization has this name in " + framework.word()
                : "there are no "
                        + framework.inWords(TensorRole.RUNNING_MEAN)
                        + " and "
                        + framework.inWords(TensorRole.RUNNING_VAR)
                        + " beside it";
    }

    private Optional<Slot> slot(String name) {
        return framework.slot(name, prefix);
    }
}
