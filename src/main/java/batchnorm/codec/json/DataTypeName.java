package batchnorm.codec.json;

import batchnorm.codec.MalformedTensor;
import batchnorm.codec.QuotedInput;
import batchnorm.tensor.DataType;
import java.io.IOException;
import java.util.Arrays;

/// The names of datatypes in JSON.
public final class DataTypeName {
    /// The datatype of a mask: true and false, or a byte of 1 or 0. Stored as FP32.
    public static final String BOOL = "BOOL";

    private DataTypeName() {}

    /// Reads the name of a datatype.
    ///
    /// @param field path of the name, for messages
    /// @param orBool whether `BOOL` is accepted
    static String read(JsonReader reader, JsonStringReader strings, String field, boolean orBool)
            throws IOException {
        if (reader.peek() != '"') {
            throw new MalformedTensor(field, requirement(field, orBool) + reader.kind());
        }
        String name = strings.read();
        if (!(orBool && name.equals(BOOL)) && !isDataType(name)) {
            throw unknown(field, name, orBool);
        }
        return name;
    }

    public static MalformedTensor unknown(String field, String name, boolean orBool) {
        return new MalformedTensor(field, requirement(field, orBool) + QuotedInput.of(name));
    }

    private static boolean isDataType(String name) {
        return Arrays.stream(DataType.values()).anyMatch(type -> type.name().equals(name));
    }

    private static String requirement(String field, boolean orBool) {
        return field
                + " must be one of "
                + Arrays.toString(DataType.values())
                + (orBool ? ", a mask's also BOOL" : "")
                + ", but was ";
    }
}
