package batchnorm.web.problem;

import java.util.Locale;

/// The problem types of this API (RFC 9457), each with its status, title and slug, the last part of
/// `type`.
public enum ProblemType {
    MALFORMED_JSON(400, "The body is not the JSON that was expected"),
    MALFORMED_TENSOR(400, "A tensor is not well-formed"),
    INVALID_NAME(400, "The layer name is not valid"),
    INVALID_REQUEST(400, "The request is not valid"),
    UNAUTHENTICATED(401, "Credentials are missing or invalid"),
    FORBIDDEN(403, "These credentials do not allow it"),
    LAYER_NOT_FOUND(404, "There is no such layer"),
    SNAPSHOT_NOT_FOUND(404, "There is no such snapshot"),
    CONTEXT_UNKNOWN(404, "There is no such context"),
    COLLECTIVE_NOT_FOUND(404, "There is no such group or accumulation"),
    NOT_FOUND(404, "There is nothing at this path"),
    METHOD_NOT_ALLOWED(405, "This path does not support that method"),
    NOT_ACCEPTABLE(406, "The response has none of the accepted media types"),
    REQUEST_TIMEOUT(408, "The body arrived too slowly"),
    SYNC_TIMEOUT(408, "Not all workers of the group arrived"),
    LAYER_EXISTS(409, "The layer exists already"),
    LAYER_FROZEN(409, "This part of the layer is frozen"),
    SNAPSHOT_LIMIT(409, "The layer has reached its snapshot limit"),
    IDEMPOTENCY_KEY_IN_PROGRESS(409, "The first request with this key is still in progress"),
    PART_CONFLICT(409, "The part contradicts an earlier one"),
    CONTEXT_ELSEWHERE(409, "The context belongs to another replica"),
    CONTEXT_GONE(410, "The context is gone"),
    COLLECTIVE_GONE(410, "The group or accumulation is gone"),
    VERSION_MISMATCH(412, "The layer has changed"),
    PAYLOAD_TOO_LARGE(413, "The body is too large"),
    UNSUPPORTED_MEDIA_TYPE(415, "The body's media type is not supported"),
    MADE_ELSEWHERE(421, "Another replica holds it"),
    SHAPE_MISMATCH(422, "A shape does not fit"),
    SHAPE_INVALID(422, "A shape cannot be batch-normalized"),
    NON_FINITE_VALUE(422, "A number is not finite"),
    NON_FINITE_RESULT(422, "The result would not be finite"),
    BATCH_TOO_LARGE(422, "The batch has too many elements"),
    SINGLE_VALUE(422, "One value per channel has no variance"),
    IDEMPOTENCY_KEY_REUSED(422, "The key was used for another request"),
    INVALID_MOMENTS(422, "No values have these moments"),
    INVALID_CONFIG(422, "The layer's configuration is not valid"),
    NOT_EXACT(422, "The result would not be exact"),
    CONTEXT_BUDGET(429, "The context budget is exhausted"),
    COLLECTIVE_LIMIT(429, "Too many groups or accumulations are open"),
    INTERNAL_ERROR(500, "The service failed"),
    LAYER_CORRUPT(500, "The layer is damaged in the store"),
    OVERLOADED(503, "The service is overloaded"),
    COMMIT_OUTCOME_UNKNOWN(503, "The commit's outcome is unknown"),
    STORE_UNAVAILABLE(503, "The store does not respond"),
    ISSUER_UNAVAILABLE(503, "The issuer of tokens does not respond"),
    STORAGE_FULL(507, "The store is full");

    private final int status;
    private final String title;

    ProblemType(int status, String title) {
        this.status = status;
        this.title = title;
    }

    public int status() {
        return status;
    }

    public String title() {
        return title;
    }

    public String slug() {
        return name().toLowerCase(Locale.ROOT).replace('_', '-');
    }

    /// Returns a URI reference to a page of this service.
    public String uri() {
        return "/problems/" + slug();
    }

    /// Returns whether the same request may succeed later.
    boolean isTemporary() {
        return this == IDEMPOTENCY_KEY_IN_PROGRESS
                || this == CONTEXT_BUDGET
                || this == COLLECTIVE_LIMIT
                || this == OVERLOADED
                || this == STORE_UNAVAILABLE
                || this == ISSUER_UNAVAILABLE
                || this == COMMIT_OUTCOME_UNKNOWN;
    }
}
