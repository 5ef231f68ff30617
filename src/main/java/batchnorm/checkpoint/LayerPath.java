package batchnorm.checkpoint;

import batchnorm.codec.InvalidField;
import batchnorm.layer.LayerName;
import batchnorm.layer.LayerName.InvalidName;

/// What the path of a layer in a file becomes: the name of one here. A slash becomes a dot, what a
/// name cannot have becomes `_`, or nothing in front.
final class LayerPath {
    private LayerPath() {}

    /// @param front in front of the path's own name; empty for nothing
    /// @throws InvalidField when there is no name, or it is too long
    static LayerName name(String front, String path) {
        String own = nameOf(path);
        String name = front.isEmpty() || own.isEmpty() ? front + own : front + "." + own;
        if (name.isEmpty()) {
            throw new InvalidField(
                    "name",
                    "the file holds one layer without a path; say what it is called, by name=");
        }
        try {
            return new LayerName(name);
        } catch (InvalidName e) {
            throw new InvalidField(
                    "name",
                    "the layer at \"%s\" cannot be called \"%s\": %s"
                            .formatted(path, name, e.getMessage()));
        }
    }

    private static String nameOf(String path) {
        return path.replace('/', '.')
                .replaceAll("[^A-Za-z0-9._-]", "_")
                .replaceFirst("^[^A-Za-z0-9]+", "");
    }

    /// Whether the name says all that the path says.
    static boolean keeps(String path) {
        return nameOf(path).equals(path.replace('/', '.'));
    }
}
