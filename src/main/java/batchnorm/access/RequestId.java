package batchnorm.access;

import jakarta.servlet.http.HttpServletRequest;
import java.util.HexFormat;
import java.util.concurrent.ThreadLocalRandom;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/// The id of a request in logs and responses: the client's `X-Request-Id` if it is safe to log,
/// else a random one.
public final class RequestId {
    public static final String HEADER = "X-Request-Id";

    /// The member of problems and of log lines.
    public static final String MEMBER = "request_id";

    private static final String ATTRIBUTE = RequestId.class.getName();
    private static final Pattern SAFE = Pattern.compile("[A-Za-z0-9._-]{1,64}");

    private RequestId() {}

    public static String of(HttpServletRequest request) {
        if (request.getAttribute(ATTRIBUTE) instanceof String known) {
            return known;
        }
        String id = from(request.getHeader(HEADER));
        request.setAttribute(ATTRIBUTE, id);
        return id;
    }

    /// Returns the id of a request that no filter has seen.
    ///
    /// @param sent the client's header
    public static String from(@Nullable String sent) {
        return sent != null && SAFE.matcher(sent).matches()
                ? sent
                : HexFormat.of().toHexDigits(ThreadLocalRandom.current().nextLong());
    }
}
