package batchnorm.web.binding;

import batchnorm.access.Caller;
import batchnorm.codec.InvalidField;
import batchnorm.layer.CallersKey;
import jakarta.servlet.http.HttpServletRequest;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/// The header `Idempotency-Key`: up to 255 visible ASCII characters, quoted or not.
public final class IdempotencyKeys {
    public static final String HEADER = "Idempotency-Key";
    public static final String PATTERN = "[\\x21-\\x7e]{1,255}";
    private static final Pattern VALID = Pattern.compile(PATTERN);

    private IdempotencyKeys() {}

    static @Nullable String of(HttpServletRequest request) {
        String key = request.getHeader(HEADER);
        if (key != null && !VALID.matcher(key).matches()) {
            throw new InvalidField(
                    HEADER, HEADER + " must be 1 to 255 visible ASCII characters, such as a UUID");
        }
        return key != null && Caller.isKnown(request)
                ? CallersKey.of(Caller.of(request), key)
                : key;
    }
}
