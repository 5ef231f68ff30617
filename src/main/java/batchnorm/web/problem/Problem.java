package batchnorm.web.problem;

import static batchnorm.codec.Signature.integer;
import static batchnorm.codec.Signature.text;

import batchnorm.access.RequestId;
import batchnorm.codec.Message;
import batchnorm.codec.Signature;
import batchnorm.codec.json.JsonCodec;
import batchnorm.web.security.SecurityHeadersFilter;
import jakarta.servlet.RequestDispatcher;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;
import org.springframework.http.HttpHeaders;
import org.springframework.http.MediaType;

/// A problem (RFC 9457): what was wrong, where, and how to correct it.
///
/// @param status of its type, unless the container chose another
/// @param extensions further members, texts or integers, such as `field`, `offset`
public record Problem(ProblemType type, int status, String detail, Map<String, Object> extensions) {
    /// Errors below this path have the form of the Open Inference Protocol: `{"error": "…"}`.
    private static final String OPEN_INFERENCE = "/v2/";

    public static final String MEDIA_TYPE = "application/problem+json";

    public static final Signature FIELDS =
            Signature.response(
                    "Problem",
                    text("type"),
                    text("title"),
                    integer("status"),
                    text("detail"),
                    text("instance"),
                    text("field").sometimes(),
                    integer("offset").from(0).sometimes(),
                    text("id").sometimes(),
                    text(RequestId.MEMBER).sometimes());

    private static final String RETRY_AFTER_SECONDS = "1";

    static Problem of(ProblemType type, String detail) {
        return new Problem(type, type.status(), detail, Map.of());
    }

    /// Returns this problem with a status of the container, such as 505.
    Problem withStatus(int other) {
        return new Problem(type, other, detail, extensions);
    }

    Problem with(String member, String value) {
        return extended(member, value);
    }

    Problem with(String member, long value) {
        return extended(member, value);
    }

    private Problem extended(String member, Object value) {
        Map<String, Object> more = new TreeMap<>(extensions);
        more.put(member, value);
        return new Problem(type, status, detail, more);
    }

    /// Sends this problem and discards any uncommitted response.
    void send(HttpServletRequest request, HttpServletResponse response) throws IOException {
        send(request, response, HttpHeaders.EMPTY);
    }

    /// @param headers additional ones, such as `Allow`
    void send(HttpServletRequest request, HttpServletResponse response, HttpHeaders headers)
            throws IOException {
        if (response.isCommitted()) {
            return; // part of the response has been sent: the broken connection signals the failure
        }
        removeHeaders(response);
        response.resetBuffer();
        SecurityHeadersFilter.addHeaders(request, response);
        response.setStatus(status);
        String path = path(request);
        headers(path).forEach(response::setHeader);
        headers.forEach((name, values) -> {
            response.setHeader(name, null);
            values.forEach(value -> response.addHeader(name, value));
        });
        response.getOutputStream()
                .write(with(RequestId.MEMBER, RequestId.of(request)).encode(path));
        // Flushes before the rest of the body is drained, because that may never arrive.
        response.flushBuffer();
    }

    /// Replaces `reset`, which fails on a malformed Connection header. "close" is retained.
    private static void removeHeaders(HttpServletResponse response) {
        for (String name : List.copyOf(response.getHeaderNames())) {
            if (!name.equalsIgnoreCase(HttpHeaders.CONNECTION)) {
                response.setHeader(name, null);
            }
        }
    }

    /// Returns the headers of the response.
    ///
    /// @param path of the request
    Map<String, String> headers(@Nullable String path) {
        Map<String, String> headers = new TreeMap<>();
        headers.put(
                HttpHeaders.CONTENT_TYPE,
                isOpenInference(path) ? MediaType.APPLICATION_JSON_VALUE : MEDIA_TYPE);
        headers.put(HttpHeaders.CACHE_CONTROL, "no-store");
        if (type.isTemporary()) {
            headers.put(HttpHeaders.RETRY_AFTER, RETRY_AFTER_SECONDS);
        }
        return headers;
    }

    /// Returns this problem as JSON.
    ///
    /// @param path of the request, which determines the form: [#OPEN_INFERENCE] has its own
    byte[] encode(@Nullable String path) {
        Message message =
                isOpenInference(path) ? new Message().with("error", detail) : message(path);
        ByteArrayOutputStream body = new ByteArrayOutputStream();
        try {
            new JsonCodec().encode(message, body);
        } catch (IOException e) {
            throw new UncheckedIOException(e); // never thrown by an array in memory
        }
        return body.toByteArray();
    }

    private static boolean isOpenInference(@Nullable String path) {
        return (path + "/").startsWith(OPEN_INFERENCE);
    }

    /// Returns the requested path, even if the container forwards to its error page.
    private static @Nullable String path(HttpServletRequest request) {
        return request.getAttribute(RequestDispatcher.ERROR_REQUEST_URI) instanceof String original
                ? original
                : request.getRequestURI();
    }

    private Message message(@Nullable String instance) {
        Message message =
                new Message()
                        .with("type", type.uri())
                        .with("title", type.title())
                        .with("status", (Long) (long) status)
                        .with("detail", detail)
                        .with("instance", instance);
        extensions.forEach((member, value) -> {
            if (value instanceof Long number) {
                message.with(member, number);
            } else {
                message.with(member, value.toString());
            }
        });
        return message;
    }
}
