package batchnorm.codec.json;

import batchnorm.codec.InvalidField;
import batchnorm.codec.Signature;
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
            throw InvalidField.unknown(name, prefix, signature);
        }
        if (!given.add(name)) {
            throw new InvalidField(prefix + name, "\"" + prefix + name + "\" is given twice");
        }
        reader.expect(':', "after a field name");
        return name;
    }
}
