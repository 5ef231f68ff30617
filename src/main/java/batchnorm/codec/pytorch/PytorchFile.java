package batchnorm.codec.pytorch;

import batchnorm.codec.Checkpoint;
import batchnorm.codec.Codec;
import batchnorm.codec.FileFormat;
import batchnorm.codec.MalformedTensor;
import batchnorm.codec.Message;
import batchnorm.codec.QuotedInput;
import batchnorm.codec.Selection;
import batchnorm.codec.binary.Budget;
import batchnorm.codec.pytorch.Pickled.Storage;
import batchnorm.codec.pytorch.Pickled.View;
import batchnorm.tensor.InvalidShape;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.IdentityHashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/// The tensors that an unpickled file names, and the selected ones of them, by storage.
final class PytorchFile {
    private final Map<String, Pickled> tensors;
    private final Codec.Limits limits;
    private final Map<String, View> selected = new LinkedHashMap<>();
    private final Map<String, List<View>> viewsByKey = new LinkedHashMap<>();
    private final Map<String, Storage> storages = new LinkedHashMap<>();
    private final List<String> skipped = new ArrayList<>();
    private final Map<String, String> unreadable = new LinkedHashMap<>();
    private final IdentityHashMap<View, Object> values = new IdentityHashMap<>();

    /// @param root the unpickled object
    /// @throws MalformedTensor for an object without named tensors
    /// @throws batchnorm.codec.BodyTooLarge when the selected tensors are too large
    PytorchFile(Object root, Selection selection, Codec.Limits limits) {
        this.tensors = TensorNames.of(root, limits.memory());
        this.limits = limits;
        Set<String> names = selection.among(tensors.keySet());
        Budget budget = new Budget(limits);
        tensors.forEach((name, tensor) -> {
            if (tensor instanceof View view) {
                declare(view.storage());
            }
            if (!names.contains(name)) {
                skipped.add(name);
            } else {
                select(name, tensor, budget);
            }
        });
    }

    private void declare(Storage storage) {
        Storage known = storages.putIfAbsent(storage.key(), storage);
        if (known != null && !known.equals(storage)) {
            throw malformed(
                    "the storage " + QuotedInput.of(storage.key()) + " has two types or lengths");
        }
    }

    private void select(String name, Pickled tensor, Budget budget) {
        String reason = unreadable(tensor);
        if (reason != null) {
            unreadable.put(name, reason);
        } else if (tensor instanceof View view) {
            requireWithinLimits(name, view);
            budget.take(view.span() * view.storage().type().bytes());
            selected.put(name, view);
            viewsByKey.computeIfAbsent(view.storage().key(), _ -> new ArrayList<>()).add(view);
        }
    }

    private static @Nullable String unreadable(Pickled tensor) {
        if (!(tensor instanceof View view)) {
            return "it is made by %s, and not a plain tensor"
                    .formatted(((Pickled.UnreadableTensor) tensor).rebuild());
        }
        StorageType type = view.storage().type();
        if (type.isInteger()) {
            return view.elements() == 1
                    ? null
                    : "it has integers, of shape %s; integers are read one at a time"
                            .formatted(Arrays.toString(view.dimensions()));
        }
        return type.dataType() == null
                ? "its elements are of type %s, and neither floats nor integers".formatted(type)
                : null;
    }

    private void requireWithinLimits(String name, View view) {
        try {
            limits.require(StorageReader.shape(view), QuotedInput.cut(name));
        } catch (InvalidShape | ArithmeticException e) {
            throw new MalformedTensor(
                    QuotedInput.cut(name),
                    "tensor "
                            + QuotedInput.of(name)
                            + ": its shape is "
                            + Arrays.toString(view.dimensions()));
        }
    }

    /// Returns the storage with a key; null if no tensor uses it.
    @Nullable Storage storage(String key) {
        return storages.get(key);
    }

    /// Returns the storages with selected tensors.
    List<Storage> neededStorages() {
        return storages.values().stream()
                .filter(storage -> viewsByKey.containsKey(storage.key()))
                .toList();
    }

    /// Returns the selected views of a storage.
    List<View> views(String key) {
        return viewsByKey.getOrDefault(key, List.of());
    }

    void addValues(IdentityHashMap<View, Object> read) {
        values.putAll(read);
    }

    /// @param format of the file around the pickle
    Checkpoint checkpoint(FileFormat format) {
        Message state = new Message();
        selected.forEach((name, view) -> state.put(name, values.get(view)));
        return new Checkpoint(format, state, skipped, unreadable);
    }

    static MalformedTensor malformed(String reason) {
        return new MalformedTensor("file", reason);
    }
}
