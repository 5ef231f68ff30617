package batchnorm.openinference;

import batchnorm.codec.InvalidField;
import batchnorm.layer.CallersKey;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/// The key under which a training step is counted once: the header `Idempotency-Key`, or the id of
/// the request.
///
/// @param name under which the caller gave it, for messages
/// @param caller whose key it is; null in a service without credentials
record StepKey(String name, String value, @Nullable String caller) {
    static final String HEADER = "Idempotency-Key";
    private static final String ID = "id";
    private static final Pattern VALID = Pattern.compile("[\\x21-\\x7e]{1,255}");

    /// @return null where neither is given; an empty id is none, as C++ clients send it
    static @Nullable StepKey of(
            @Nullable String header, @Nullable String id, @Nullable String caller) {
        if (header != null) {
            return new StepKey(HEADER, header, caller);
        }
        return id == null || id.isEmpty() ? null : new StepKey(ID, id, caller);
    }

    /// The key as it is recorded.
    ///
    /// @throws InvalidField when no step can be recorded under it
    String require() {
        if (!VALID.matcher(value).matches()) {
            throw new InvalidField(
                    name,
                    "the %s of a forward-train must be 1 to 255 visible ASCII characters, such as a UUID: under it the step is counted once"
                            .formatted(name));
        }
        return caller == null ? value : CallersKey.of(caller, value);
    }
}
