package batchnorm.checkpoint;

import batchnorm.codec.InvalidField;
import java.util.Arrays;
import java.util.Collection;
import java.util.EnumMap;
import java.util.Map;
import java.util.stream.Collectors;

/// Detects the framework of a file by the names of its tensors. Names of exactly one framework
/// identify it; a file with the names of several is rejected.
///
/// Keras and TensorFlow 1 have the same names, with and without `:0`. Keras is assumed: its epsilon
/// is also the default of `tf.layers`, which wrote most of such files.
///
/// @param prefix of the names of the tensors to examine
record FrameworkDetector(String prefix) {

    /// A framework and the evidence for it.
    record Detected(Framework framework, String how) {}

    /// @throws InvalidField when the names match no framework, or several
    Detected detect(Collection<String> names) {
        Map<Framework, Map<String, Map<TensorRole, String>>> found = candidates(names);
        if (found.isEmpty()) {
            throw new InvalidField("framework", none(names));
        }
        if (found.size() > 1) {
            throw new InvalidField(
                    "framework",
                    "the file has the names of several frameworks: %s; choose one by framework=, or some layers by prefix="
                            .formatted(
                                    found.entrySet().stream()
                                            .map(each ->
                                                    each.getKey().word()
                                                            + " (\""
                                                            + example(each.getValue())
                                                            + "\")")
                                            .collect(Collectors.joining(", "))));
        }
        Map.Entry<Framework, Map<String, Map<TensorRole, String>>> only =
                found.entrySet().iterator().next();
        return new Detected(only.getKey(), how(only.getKey(), only.getValue()));
    }

    private static String how(Framework framework, Map<String, Map<TensorRole, String>> layers) {
        return "recognized by the names of tensors, such as \"%s\"%s"
                .formatted(
                        example(layers),
                        framework == Framework.KERAS
                                ? "; tensorflow-1 has the same names, keras is assumed"
                                : "");
    }

    private static String example(Map<String, Map<TensorRole, String>> layers) {
        return layers.values().iterator().next().getOrDefault(TensorRole.RUNNING_VAR, "");
    }

    private String none(Collection<String> names) {
        String others =
                Arrays.stream(Framework.values())
                        .filter(framework ->
                                !new CheckpointIndex(framework, prefix, null)
                                        .layers(names)
                                        .isEmpty())
                        .map(Framework::word)
                        .collect(Collectors.joining(", "));
        return "framework= is absent, and the names of the %d tensors%s are not conclusive: %s"
                .formatted(
                        names.size(),
                        prefix.isEmpty() ? "" : " under the prefix",
                        others.isEmpty()
                                ? "there is no batch normalization of "
                                        + String.join(", ", Framework.allWords())
                                : "give framework=, possibly " + others);
    }

    /// Returns the frameworks with matching names, each with its layers.
    Map<Framework, Map<String, Map<TensorRole, String>>> candidates(Collection<String> names) {
        Map<Framework, Map<String, Map<TensorRole, String>>> found = new EnumMap<>(Framework.class);
        for (Framework framework : Framework.values()) {
            found.put(framework, new CheckpointIndex(framework, prefix, null).layers(names));
        }
        found.remove(Framework.TENSORFLOW_1);
        Map<String, Map<TensorRole, String>> mxnet = found.getOrDefault(Framework.MXNET, Map.of());
        mxnet.values().removeIf(parts -> !hasParameters(parts));
        found.getOrDefault(Framework.PYTORCH, Map.of())
                .entrySet()
                .removeIf(layer ->
                        mxnet.containsKey(layer.getKey())
                                && !hasParameters(layer.getValue())
                                && !layer.getValue().containsKey(TensorRole.BATCHES));
        found.getOrDefault(Framework.FLAX, Map.of())
                .values()
                .removeIf(parts ->
                        Framework.collectionOf(parts.getOrDefault(TensorRole.RUNNING_MEAN, ""))
                                .isEmpty());
        found.values().removeIf(Map::isEmpty);
        return found;
    }

    private static boolean hasParameters(Map<TensorRole, String> parts) {
        return parts.containsKey(TensorRole.GAMMA) || parts.containsKey(TensorRole.BETA);
    }
}
