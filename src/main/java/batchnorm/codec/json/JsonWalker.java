package batchnorm.codec.json;

import batchnorm.codec.InvalidField;
import batchnorm.codec.Signature;
import java.io.IOException;
import java.util.HashSet;
import java.util.Set;

/// Iterates over the entries of objects and the elements of arrays.
record JsonWalker(JsonReader reader, JsonStringReader strings) {
    /// Reads the value of an entry.
    interface Entry {
        void read(String name) throws IOException;
    }

    /// Reads an element.
    interface Element {
        void read(int index) throws IOException;
    }

    /// Reads the object at the position.
    void object(Entry entry) throws IOException {
        reader.open();
        if (!reader.skip('}')) {
            do {
                if (reader.peek() != '"') {
                    throw reader.unexpected("expected a field name in quotes");
                }
                String name = strings.read();
                reader.expect(':', "after a field name");
                entry.read(name);
            } while (reader.another('}'));
        }
        reader.close();
    }

    /// Reads the object at the position, whose fields must be known and unique.
    ///
    /// @param prefix the path prefix of the fields: empty, or `input.`
    void object(String prefix, Signature signature, Entry entry) throws IOException {
        Set<String> given = new HashSet<>();
        object(name -> {
            if (signature.field(name).isEmpty()) {
                throw InvalidField.unknown(name, prefix, signature);
            }
            if (!given.add(name)) {
                throw new InvalidField(prefix + name, "\"" + prefix + name + "\" is given twice");
            }
            entry.read(name);
        });
    }

    /// Reads the array at the position.
    ///
    /// @return the number of elements
    int array(Element element) throws IOException {
        int size = 0;
        reader.open();
        if (!reader.skip(']')) {
            do {
                element.read(size++);
            } while (reader.another(']'));
        }
        reader.close();
        return size;
    }
}
