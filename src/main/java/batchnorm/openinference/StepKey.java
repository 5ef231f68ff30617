package batchnorm.openinference;

import batchnorm.codec.InvalidField;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/// The key under which a training step is counted once: the header `Idempotency-Key`, or the id of
/// the request.
///
/// @param name under which the caller gave it, for messages
record StepKey(String name, String value) {
    static final String HEADER = "Idempotency-Key";
    private static final String ID = "id";
    private static final Pattern VALID = Pattern.compile("[\\x21-\\x7e]{1,255}");

    /// @return null where neither is given; an empty id is none, as C++ clients send it
    static @Nullable StepKey of(@Nullable String header, @Nullable String id) {
        if (header != null) {
            return new StepKey(HEADER, header);
        }
        return id == null || id.isEmpty() ? null : new StepKey(ID, id);
    }

    /// @throws InvalidField when no step can be recorded under it
    String require() {
        if (!VALID.matcher(value).matches()) {
            throw new InvalidField(
                    name,
                    "the %s of a forward-train must be 1 to 255 visible ASCII characters, such as a UUID: under it the step is counted once"
                            .formatted(name));
        }
        return value;
    }
}
