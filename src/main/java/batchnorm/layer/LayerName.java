package batchnorm.layer;

import java.util.regex.Pattern;

/// The name of a layer: a letter or digit, then up to 127 letters, digits, dots, underscores and
/// hyphens.
///
/// The alphabet needs no escaping in URLs, headers, file names or logs.
public record LayerName(String value) implements Comparable<LayerName> {
    public static final String PATTERN = "[A-Za-z0-9][A-Za-z0-9._-]{0,127}";
    private static final Pattern VALID = Pattern.compile(PATTERN);

    /// @throws InvalidName when it does not match [#PATTERN]
    public LayerName {
        if (!VALID.matcher(value).matches()) {
            throw new InvalidName();
        }
    }

    @Override
    public int compareTo(LayerName other) {
        return value.compareTo(other.value);
    }

    @Override
    public String toString() {
        return value;
    }

    /// A name that no layer can have. It does not repeat what was sent: it may be anything.
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
