package batchnorm.web.api;

import batchnorm.codec.InvalidField;
import org.jspecify.annotations.Nullable;

/// Rejects fields that exclude each other.
final class Conflicts {
    private Conflicts() {}

    /// @param path of the field
    /// @param sentence with `%s` for the path: why the field must be absent
    /// @throws InvalidField when the field is present
    static void rejectPresent(String path, @Nullable Object value, String sentence) {
        if (value != null) {
            throw new InvalidField(path, sentence.formatted(path));
        }
    }
}
