package batchnorm.openinference;

import batchnorm.codec.InvalidField;
import batchnorm.codec.Message;
import org.jspecify.annotations.Nullable;

/// The `parameters` of a request that mean something here; all others mean something elsewhere.
record RequestParameters(Message values) {

    @Nullable String text(String name) {
        Object value = values.values().get(name);
        if (value == null || value instanceof String) {
            return (String) value;
        }
        throw wrong(name, "a string");
    }

    boolean bool(String name, boolean otherwise) {
        Object value = values.values().get(name);
        if (value == null || value instanceof Boolean) {
            return value == null ? otherwise : (Boolean) value;
        }
        throw wrong(name, "true or false");
    }

    private static InvalidField wrong(String name, String wanted) {
        return new InvalidField(
                "parameters." + name, "the parameter \"" + name + "\" must be " + wanted);
    }
}
