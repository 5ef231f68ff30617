package batchnorm.openinference;

import batchnorm.codec.InvalidField;
import batchnorm.layer.CallersKey;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/// The idempotency key of a training step: the header `Idempotency-Key`, or the id of the request.
///
/// @param name of the header or field, for messages
/// @param caller the owner of the key; null in a service without credentials
record StepKey(String name, String value, @Nullable String caller) {
    static final String HEADER = "Idempotency-Key";
    private static final String ID = "id";
    private static final Pattern VALID = Pattern.compile("[\\x21-\\x7e]{1,255}");

    /// @return null if neither is present; C++ clients send an empty id for none
    static @Nullable StepKey of(
            @Nullable String header, @Nullable String id, @Nullable String caller) {
        if (header != null) {
            return new StepKey(HEADER, header, caller);
        }
        return id == null || id.isEmpty() ? null : new StepKey(ID, id, caller);
    }

    /// Returns the key in its recorded form.
    ///
    /// @throws InvalidField for an invalid key
    String require() {
        if (!VALID.matcher(value).matches()) {
            throw new InvalidField(
                    name,
                    "the %s of a forward-train must be 1 to 255 visible ASCII characters, such as a UUID"
                            .formatted(name));
        }
        return caller == null ? value : CallersKey.of(caller, value);
    }
}
