package batchnorm.codec;

import java.io.IOException;
import java.util.Set;

/// Reads the names of an object's fields, each of which must be known and come once.
final class FieldNames {
    private FieldNames() {}

    /// Reads one name and the colon after it.
    ///
    /// @param prefix of the field's path: empty, or `input.`
    /// @param given the names so far, to which this one is added
    static String read(
            JsonReader reader,
            JsonStringReader strings,
            String prefix,
            Signature signature,
            Set<String> given)
            throws IOException {
        if (reader.peek() != '"') {
            throw reader.unexpected("expected a field name in quotes");
        }
        String name = strings.read();
        if (signature.field(name).isEmpty()) {
            throw unknown(name, prefix, signature);
        }
        if (!given.add(name)) {
            throw new InvalidField(prefix + name, "\"" + prefix + name + "\" is given twice");
        }
        reader.expect(':', "after a field name");
        return name;
    }

    /// The complaint about an unknown field, with the known one that it resembles.
    static InvalidField unknown(String name, String prefix, Signature signature) {
        String guess =
                signature.fields().stream()
                        .map(Signature.Field::name)
                        .filter(known -> resemble(name, known))
                        .findFirst()
                        .map(known -> " (did you mean \"" + known + "\"?)")
                        .orElse("");
        return new InvalidField(
                prefix + QuotedInput.cut(name),
                "unknown field "
                        + QuotedInput.ascii(prefix + name)
                        + guess
                        + "; allowed are "
                        + signature.names());
    }

    /// Whether two names differ by case, marks, or at most two letters added, dropped or changed.
    private static boolean resemble(String name, String known) {
        if (name.length() > known.length() + 2 || name.length() < known.length() - 2) {
            return false;
        }
        int[] distances = new int[known.length() + 1];
        for (int j = 0; j <= known.length(); j++) {
            distances[j] = j;
        }
        for (int i = 1; i <= name.length(); i++) {
            int diagonal = distances[0];
            distances[0] = i;
            for (int j = 1; j <= known.length(); j++) {
                int changed =
                        diagonal
                                + (Character.toLowerCase(name.charAt(i - 1)) == known.charAt(j - 1)
                                        ? 0
                                        : 1);
                diagonal = distances[j];
                distances[j] = Math.min(changed, Math.min(distances[j], distances[j - 1]) + 1);
            }
        }
        return distances[known.length()] <= Math.min(2, known.length() / 2);
    }
}
