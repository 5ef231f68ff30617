package batchnorm.checkpoint.fold;

import batchnorm.codec.Checkpoint;
import batchnorm.codec.FileFormat;
import batchnorm.codec.InvalidField;
import batchnorm.codec.QuotedInput;
import batchnorm.tensor.Tensor;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/// The layers of a `state_dict` by their paths, in the order of the file.
final class StateDict {
    static final String WEIGHT = "weight";
    static final String BIAS = "bias";
    static final String MEAN = "running_mean";
    static final String VARIANCE = "running_var";

    /// Names that number a normalization and its linear layer alike: `bn2` and `conv2`.
    private static final Pattern NUMBERED = Pattern.compile("([A-Za-z_]+?)_?(\\d*)");

    private static final Pattern NORMALIZATION = Pattern.compile("(bn|norm|batch_?norm).*");
    private static final Pattern LINEAR = Pattern.compile("(conv|fc|lin|linear|dense).*");

    private final Map<String, Map<String, Tensor>> layers = new LinkedHashMap<>();
    private final boolean isInOrder;

    StateDict(Checkpoint checkpoint) {
        checkpoint
                .state()
                .values()
                .forEach((name, value) -> {
                    int dot = name.lastIndexOf('.');
                    if (value instanceof Tensor tensor && dot >= 0) {
                        layers.computeIfAbsent(name.substring(0, dot), _ -> new LinkedHashMap<>())
                                .put(name.substring(dot + 1), tensor);
                    }
                });
        // Writers of safetensors sort by datatype and name.
        isInOrder = checkpoint.format() != FileFormat.SAFETENSORS;
    }

    List<String> normalizations() {
        return layers.keySet().stream().filter(this::isNormalization).toList();
    }

    boolean isNormalization(String path) {
        Map<String, Tensor> layer = layers.getOrDefault(path, Map.of());
        return layer.containsKey(MEAN) && layer.containsKey(VARIANCE);
    }

    @Nullable Tensor tensor(String path, String name) {
        return layers.getOrDefault(path, Map.of()).get(name);
    }

    void put(String path, String name, Tensor values) {
        layers.computeIfAbsent(path, _ -> new LinkedHashMap<>()).put(name, values);
    }

    /// Returns the layer with a path, or the only one whose path ends with it.
    ///
    /// @param field of the request that names it
    /// @throws InvalidField when there is none, or several
    String path(String given, String field) {
        if (layers.containsKey(given)) {
            return given;
        }
        List<String> found =
                layers.keySet().stream().filter(path -> path.endsWith("." + given)).toList();
        if (found.size() != 1) {
            throw new InvalidField(
                    field,
                    "%s is the path of %s layers of the file"
                            .formatted(
                                    QuotedInput.of(given),
                                    found.isEmpty() ? "none of the" : found.size()));
        }
        return found.getFirst();
    }

    /// Returns the linear layer before a normalization: the one with its number (`conv2` of `bn2`),
    /// or the number before it (`features.0` of `features.1`), or the one before it in a file that
    /// keeps the order of the model. Its outputs must be as many as the features.
    @Nullable String before(String normalization) {
        int features = feature(normalization);
        String named = byName(normalization);
        if (named != null && outputs(named) == features) {
            return named;
        }
        List<String> order = new ArrayList<>(layers.keySet());
        int at = order.indexOf(normalization);
        return isInOrder && at > 0 && outputs(order.get(at - 1)) == features
                ? order.get(at - 1)
                : null;
    }

    private int feature(String normalization) {
        Tensor mean = tensor(normalization, MEAN);
        return mean == null ? -1 : mean.shape().elements();
    }

    /// Returns the outputs of a linear layer that is not transposed; -1 of other layers.
    private int outputs(String path) {
        Tensor weight = tensor(path, WEIGHT);
        return weight == null || weight.shape().rank() < 2 ? -1 : weight.shape().dimension(0);
    }

    private @Nullable String byName(String normalization) {
        int dot = normalization.lastIndexOf('.') + 1;
        String parent = normalization.substring(0, dot);
        String name = normalization.substring(dot);
        if (name.matches("\\d{1,6}")) {
            String previous = parent + (Integer.parseInt(name) - 1);
            return outputs(previous) >= 0 ? previous : null;
        }
        Matcher own = NUMBERED.matcher(name);
        if (!own.matches() || !NORMALIZATION.matcher(own.group(1)).matches()) {
            return null;
        }
        List<String> found =
                layers.keySet().stream()
                        .filter(path -> path.startsWith(parent))
                        .filter(path -> isNumbered(path.substring(dot), own.group(2)))
                        .filter(path -> outputs(path) >= 0)
                        .toList();
        return found.size() == 1 ? found.getFirst() : null;
    }

    private static boolean isNumbered(String name, String number) {
        Matcher other = NUMBERED.matcher(name);
        return other.matches()
                && other.group(2).equals(number)
                && LINEAR.matcher(other.group(1)).matches();
    }
}
