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

/// The names of layers by their paths in a file. A slash becomes a dot. A character that a name
/// cannot have becomes `_`, or nothing in front. A name that is too long is cut, with a checksum of
/// the path behind it. Of several paths that make one name, all but the first get a number.
///
/// The same file makes the same names each time.
final class LayerPath {
    private static final int MAX_LENGTH = 128;

    private LayerPath() {}

    /// A layer's name.
    ///
    /// @param changes the reasons why it is not the path; none when it is
    record Named(LayerName name, List<String> changes) {}

    /// @param front in front of every name; empty for nothing
    /// @param paths by what they are in the file, without what no name has
    /// @return the names by the paths in the file
    /// @throws InvalidField when a layer has no path and there is nothing in front, or what is in
    ///   front cannot begin a name
    static Map<String, Named> names(String front, Map<String, String> paths) {
        requireValid(front);
        Map<String, String> wanted = new TreeMap<>();
        paths.forEach((key, path) -> wanted.put(key, text(front, path)));
        Map<String, Named> names = new TreeMap<>();
        Set<String> taken = new HashSet<>(wanted.values());
        Set<String> given = new HashSet<>();
        for (String key : literalFirst(paths)) {
            String path = paths.getOrDefault(key, key);
            String name = wanted.getOrDefault(key, "");
            List<String> changes = changes(front, path);
            if (!given.add(name)) {
                name = numbered(name, taken);
                changes.add(
                        "another path of the file makes the same name, so that this one has a number");
            }
            names.put(key, new Named(new LayerName(name), changes));
        }
        return names;
    }

    /// Those first whose names are as the file has them, so that they keep them.
    private static List<String> literalFirst(Map<String, String> paths) {
        return paths.keySet().stream()
                .sorted(
                        Comparator.comparing((String key) ->
                                        !sanitized(paths.getOrDefault(key, key)).equals(key))
                                .thenComparing(Comparator.naturalOrder()))
                .toList();
    }

    private static void requireValid(String front) {
        if (!front.isEmpty()) {
            try {
                new LayerName(front);
            } catch (InvalidName e) {
                throw new InvalidField("name", "\"name\": " + e.getMessage());
            }
        }
    }

    private static List<String> changes(String front, String path) {
        List<String> changes = new ArrayList<>();
        if (!sanitized(path).equals(path.replace('/', '.'))) {
            changes.add("the path in the file has characters that a layer's name cannot have");
        }
        if (joined(front, path).length() > MAX_LENGTH) {
            changes.add(
                    "the path in the file is too long for a layer's name (%d characters), so that it is cut, with a checksum behind it"
                            .formatted(MAX_LENGTH));
        }
        return changes;
    }

    private static String text(String front, String path) {
        String name = joined(front, path);
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

    private static String joined(String front, String path) {
        String own = sanitized(path);
        // Nothing is left of a path of foreign letters only.
        String left = own.isEmpty() && !path.isEmpty() ? "layer" + checksum(path) : own;
        return front.isEmpty() || left.isEmpty() ? front + left : front + "." + left;
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
