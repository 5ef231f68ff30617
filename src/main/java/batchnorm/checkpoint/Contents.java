package batchnorm.checkpoint;

import batchnorm.checkpoint.Framework.Slot;
import batchnorm.codec.InvalidField;
import batchnorm.codec.Selection;
import java.util.Collection;
import java.util.EnumMap;
import java.util.HashSet;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;

/// What a checkpoint holds by the names of its tensors: batch normalization is where there are a
/// running mean and a running variance at the same path. Weight and bias alone may be anything.
///
/// @param prefix which tensors are looked at: those whose names begin so; it is no part of a path
record Contents(Framework framework, String prefix) implements Selection {

    @Override
    public Set<String> among(Set<String> names) {
        Set<String> wanted = new HashSet<>();
        layers(names).values().forEach(tensors -> wanted.addAll(tensors.values()));
        return wanted;
    }

    @Override
    public boolean mayBe(String name) {
        return slot(name).isPresent();
    }

    /// The tensors of each layer, by its path in alphabetical order.
    ///
    /// @throws InvalidField when two tensors are the same part of one layer
    TreeMap<String, Map<Part, String>> layers(Collection<String> names) {
        TreeMap<String, Map<Part, String>> layers = new TreeMap<>();
        for (String name : names) {
            slot(name)
                    .ifPresent(slot -> {
                        String other =
                                layers.computeIfAbsent(slot.path(), _ -> new EnumMap<>(Part.class))
                                        .put(slot.part(), name);
                        if (other != null) {
                            throw new InvalidField(
                                    name,
                                    "the tensors \"%s\" and \"%s\" are the same part of one layer"
                                            .formatted(other, name));
                        }
                    });
        }
        layers.values()
                .removeIf(parts ->
                        !parts.containsKey(Part.RUNNING_MEAN)
                                || !parts.containsKey(Part.RUNNING_VAR));
        return layers;
    }

    /// Why a tensor is not part of a layer.
    String whyNot(String name) {
        if (!framework.plain(name).startsWith(prefix)) {
            return "its name does not begin with the prefix";
        }
        return slot(name).isEmpty()
                ? "no part of batch normalization has this name in " + framework.word()
                : "there are no "
                        + framework.wordOf(Part.RUNNING_MEAN)
                        + " and "
                        + framework.wordOf(Part.RUNNING_VAR)
                        + " beside it";
    }

    private Optional<Slot> slot(String name) {
        String plain = framework.plain(name);
        return plain.startsWith(prefix)
                ? framework.slot(plain.substring(prefix.length()))
                : Optional.empty();
    }
}
