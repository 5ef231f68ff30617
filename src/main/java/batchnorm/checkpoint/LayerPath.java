package batchnorm.checkpoint;

import batchnorm.codec.InvalidField;
import batchnorm.layer.LayerName;
import batchnorm.layer.LayerName.InvalidName;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.zip.CRC32;

/// Maps paths in a file to layer names. A slash becomes a dot. An invalid character becomes `_`, or
/// is dropped at the start. A name that is too long is truncated and ends in a checksum of the
/// path. Of several paths with one name, all but the first get a number.
///
/// The mapping is deterministic.
final class LayerPath {
    private static final int MAX_LENGTH = 128;

    private LayerPath() {}

    /// A layer's name.
    ///
    /// @param changes the reasons why it differs from the path
    record Named(LayerName name, List<String> changes) {}

    /// @param prefix prefix of every name, possibly empty
    /// @param paths the paths without wrappers, by the paths in the file
    /// @return the names by the paths in the file
    /// @throws InvalidField when a layer has neither a path nor a prefix, or the prefix cannot
    ///   begin a name
    static Map<String, Named> names(String prefix, Map<String, String> paths) {
        requireValid(prefix);
        Map<String, String> requested = new TreeMap<>();
        paths.forEach((key, path) -> requested.put(key, text(prefix, path)));
        Map<String, Named> names = new TreeMap<>();
        Set<String> taken = new HashSet<>(requested.values());
        Set<String> given = new HashSet<>();
        for (String key : literalFirst(paths)) {
            String path = paths.getOrDefault(key, key);
            String name = requested.getOrDefault(key, "");
            List<String> changes = changes(prefix, path);
            if (!given.add(name)) {
                name = numbered(name, taken);
                changes.add(
                        "another path of the file makes the same name, so that this one has a number");
            }
            names.put(key, new Named(new LayerName(name), changes));
        }
        return names;
    }

    /// Orders unchanged names first, so that they stay unchanged.
    private static List<String> literalFirst(Map<String, String> paths) {
        return paths.keySet().stream()
                .sorted(
                        Comparator.comparing((String key) ->
                                        !sanitized(paths.getOrDefault(key, key)).equals(key))
                                .thenComparing(Comparator.naturalOrder()))
                .toList();
    }

    private static void requireValid(String prefix) {
        if (!prefix.isEmpty()) {
            try {
                new LayerName(prefix);
            } catch (InvalidName e) {
                throw new InvalidField("name", "\"name\": " + e.getMessage());
            }
        }
    }

    private static List<String> changes(String prefix, String path) {
        List<String> changes = new ArrayList<>();
        if (!sanitized(path).equals(path.replace('/', '.'))) {
            changes.add("the path in the file has characters that a layer's name cannot have");
        }
        if (joined(prefix, path).length() > MAX_LENGTH) {
            changes.add(
                    "the path in the file is too long for a layer's name (%d characters), so that it is cut, with a checksum behind it"
                            .formatted(MAX_LENGTH));
        }
        return changes;
    }

    private static String text(String prefix, String path) {
        String name = joined(prefix, path);
        if (name.isEmpty()) {
            throw new InvalidField(
                    "name", "the file holds a layer without a path; give it a name by name=");
        }
        if (name.length() <= MAX_LENGTH) {
            return name;
        }
        String checksum = checksum(path);
        return name.substring(0, MAX_LENGTH - checksum.length()) + checksum;
    }

    private static String joined(String prefix, String path) {
        String own = sanitized(path);
        // A path of foreign letters only would be empty.
        String left = own.isEmpty() && !path.isEmpty() ? "layer" + checksum(path) : own;
        return prefix.isEmpty() || left.isEmpty() ? prefix + left : prefix + "." + left;
    }

    private static String checksum(String path) {
        CRC32 checksum = new CRC32();
        checksum.update(path.getBytes(StandardCharsets.UTF_8));
        return "-%08x".formatted(checksum.getValue());
    }

    private static String numbered(String name, Set<String> taken) {
        for (int number = 2; ; number++) {
            String suffix = "-" + number;
            String candidate =
                    name.substring(0, Math.min(name.length(), MAX_LENGTH - suffix.length()))
                            + suffix;
            if (taken.add(candidate)) {
                return candidate;
            }
        }
    }

    private static String sanitized(String path) {
        return path.replace('/', '.')
                .replaceAll("[^A-Za-z0-9._-]", "_")
                .replaceFirst("^[^A-Za-z0-9]+", "");
    }
}
