package batchnorm.codec.pytorch;

import batchnorm.codec.Codec;
import batchnorm.codec.MalformedTensor;
import batchnorm.codec.QuotedInput;
import batchnorm.codec.pytorch.Pickled.UnreadableTensor;
import batchnorm.codec.pytorch.Pickled.View;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/// The tensors of an unpickled object by their names: the keys of the dicts that lead to them, and
/// the indices of lists, joined by dots.
final class TensorNames {
    private static final int MAX_DEPTH = 16;

    /// Objects may be shared, so a small pickle may lead to many paths.
    private static final int MAX_VISITS = 1 << 20;

    /// Longer than any path in a model. A tensor in many dicts repeats their keys.
    private static final int MAX_NAME = 1 << 12;

    /// Bytes counted for a name beside its characters.
    private static final int BYTES_OF_NAME = 128;

    private final Map<String, Pickled> tensors = new LinkedHashMap<>();
    private final Codec.Memory memory;
    private int visits;

    private TensorNames(Codec.Memory memory) {
        this.memory = memory;
    }

    /// @param memory counts the names
    /// @return a [View] or an [UnreadableTensor] for each name
    /// @throws MalformedTensor for an object without named tensors
    static Map<String, Pickled> of(Object root, Codec.Memory memory) {
        if (!(root instanceof Map<?, ?>)) {
            throw new MalformedTensor(
                    "file",
                    "the file has no dict of tensors; save them by name: torch.save(model.state_dict(), file)");
        }
        TensorNames names = new TensorNames(memory);
        names.add("", root, 0);
        return names.tensors;
    }

    private void add(String path, Object object, int depth) {
        visits++;
        if (visits > MAX_VISITS) {
            throw new MalformedTensor("file", "the file has more than " + MAX_VISITS + " objects");
        }
        if (path.length() > MAX_NAME) {
            throw new MalformedTensor(
                    QuotedInput.cut(path),
                    "the name %s has more than %d characters"
                            .formatted(QuotedInput.of(path), MAX_NAME));
        }
        switch (object) {
            case View _, UnreadableTensor _ -> put(path, (Pickled) object);
            case Map<?, ?> dict when depth < MAX_DEPTH ->
                    dict.forEach((key, value) -> add(join(path, key), value, depth + 1));
            case List<?> list when depth < MAX_DEPTH -> {
                for (int i = 0; i < list.size(); i++) {
                    add(join(path, i), list.get(i), depth + 1);
                }
            }
            default -> {
                // Other data is no tensor.
            }
        }
    }

    private static String join(String path, Object key) {
        return path.isEmpty() ? String.valueOf(key) : path + "." + key;
    }

    private void put(String name, Pickled tensor) {
        memory.reserve(BYTES_OF_NAME + 2L * name.length());
        if (tensors.putIfAbsent(name, tensor) != null) {
            throw new MalformedTensor(
                    QuotedInput.cut(name),
                    "the tensor " + QuotedInput.of(name) + " is given twice");
        }
    }
}
