package batchnorm.layer;

import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/// The name of a layer: a letter or digit, then up to 127 letters, digits, dots, underscores and
/// hyphens. The alphabet needs no escaping in URLs, headers, file names or logs.
public record LayerName(String value) implements Comparable<LayerName> {
    public static final String PATTERN = "[A-Za-z0-9][A-Za-z0-9._-]{0,127}";
    private static final int MAX_LENGTH = 128;

    /// In sort order.
    private static final String FIRST_CHARACTERS =
            "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";

    private static final String CHARACTERS =
            "-.0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ_abcdefghijklmnopqrstuvwxyz";

    private static final Pattern VALID = Pattern.compile(PATTERN);

    /// @throws InvalidName when it does not match [#PATTERN]
    public LayerName {
        if (!VALID.matcher(value).matches()) {
            throw new InvalidName();
        }
    }

    /// Returns the last possible name before those with the given prefix; null if there is none.
    ///
    /// @throws InvalidName when no name can have the prefix
    static @Nullable LayerName lastBefore(String prefix) {
        if (prefix.isEmpty()) {
            return null;
        }
        String valid = new LayerName(prefix).value();
        String rest = valid.substring(0, valid.length() - 1);
        String alphabet = rest.isEmpty() ? FIRST_CHARACTERS : CHARACTERS;
        int before = alphabet.indexOf(valid.charAt(rest.length())) - 1;
        if (before < 0) {
            return rest.isEmpty() ? null : new LayerName(rest);
        }
        String last = rest + alphabet.charAt(before);
        return new LayerName(last + "z".repeat(MAX_LENGTH - last.length()));
    }

    @Override
    public int compareTo(LayerName other) {
        return value.compareTo(other.value);
    }

    @Override
    public String toString() {
        return value;
    }

    /// An invalid layer name. The message does not repeat the untrusted input.
    public static final class InvalidName extends RuntimeException {
        private static final long serialVersionUID = 1;

        InvalidName() {
            super(
                    "a layer name starts with a letter or digit, then has up to 127 letters, digits, '.', '_' or"
                            + " '-' ("
                            + PATTERN
                            + ")");
        }
    }
}
