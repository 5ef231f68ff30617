package batchnorm.client;

import java.util.Map;

/** A request that the service rejected (RFC 9457 problem details), or to which it did not respond. */
public final class BatchNormException extends RuntimeException {
    private static final long serialVersionUID = 1;

    private final int status;
    private final String slug;
    private final String field;
    private final long retryAfterSeconds;

    BatchNormException(int status, Map<String, Object> problem, long retryAfterSeconds) {
        super(text(problem, "detail", text(problem, "title", "status " + status)));
        this.status = status;
        String type = text(problem, "type", "");
        this.slug = type.substring(type.lastIndexOf('/') + 1);
        this.field = text(problem, "field", "");
        this.retryAfterSeconds = retryAfterSeconds;
    }

    BatchNormException(String message, Throwable cause) {
        super(message, cause);
        this.status = 0;
        this.slug = "no-response";
        this.field = "";
        this.retryAfterSeconds = 0;
    }

    private static String text(Map<String, Object> problem, String name, String otherwise) {
        return problem.get(name) instanceof String text ? text : otherwise;
    }

    /** Returns the HTTP status; 0 without a response. */
    public int status() {
        return status;
    }

    /** Returns the stable name of the error, such as {@code shape-mismatch}; {@code no-response} without a response. */
    public String slug() {
        return slug;
    }

    /** Returns the field or element that the error is about, such as {@code input[1][0]}; empty if there is none. */
    public String field() {
        return field;
    }

    long retryAfterSeconds() {
        return retryAfterSeconds;
    }
}
