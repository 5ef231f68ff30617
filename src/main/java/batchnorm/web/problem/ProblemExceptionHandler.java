package batchnorm.web.problem;

import batchnorm.access.Forbidden;
import batchnorm.access.IssuerUnavailable;
import batchnorm.access.RequestId;
import batchnorm.access.Unauthenticated;
import batchnorm.admission.BodyTooSlow;
import batchnorm.checkpoint.InexactState;
import batchnorm.codec.BodyTooLarge;
import batchnorm.codec.InvalidField;
import batchnorm.codec.MalformedJson;
import batchnorm.codec.MalformedTensor;
import batchnorm.codec.body.UnsupportedCoding;
import batchnorm.collective.CollectiveGone;
import batchnorm.collective.CollectiveLimit;
import batchnorm.collective.CollectiveNotFound;
import batchnorm.collective.InvalidCollective;
import batchnorm.collective.MadeElsewhere;
import batchnorm.collective.PartConflict;
import batchnorm.collective.SyncTimeout;
import batchnorm.layer.CommitOutcomeUnknown;
import batchnorm.layer.ContextBudgetExceeded;
import batchnorm.layer.ContextElsewhere;
import batchnorm.layer.ContextGone;
import batchnorm.layer.ContextUnknown;
import batchnorm.layer.IdempotencyKeyInProgress;
import batchnorm.layer.IdempotencyKeyReused;
import batchnorm.layer.LayerCorrupt;
import batchnorm.layer.LayerExists;
import batchnorm.layer.LayerFrozen;
import batchnorm.layer.LayerName;
import batchnorm.layer.LayerNotFound;
import batchnorm.layer.Overloaded;
import batchnorm.layer.SnapshotLimit;
import batchnorm.layer.SnapshotNotFound;
import batchnorm.layer.StorageFull;
import batchnorm.layer.StorageQuotaExceeded;
import batchnorm.layer.StoreUnavailable;
import batchnorm.layer.UnstorableValue;
import batchnorm.layer.VersionMismatch;
import batchnorm.layer.VersionNotFound;
import batchnorm.normalization.BatchTooLarge;
import batchnorm.normalization.InexactFold;
import batchnorm.normalization.InvalidConfig;
import batchnorm.normalization.InvalidMoments;
import batchnorm.normalization.InvalidWeight;
import batchnorm.normalization.NonFiniteResult;
import batchnorm.normalization.NonFiniteValue;
import batchnorm.normalization.ShapeMismatch;
import batchnorm.normalization.SingleValue;
import batchnorm.optimizer.InvalidOptimizer;
import batchnorm.tensor.InvalidShape;
import batchnorm.web.binding.NotAcceptable;
import batchnorm.web.binding.UnsupportedMedia;
import batchnorm.web.telemetry.ServiceMetrics;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import java.io.IOException;
import java.time.Duration;
import org.eclipse.jetty.http.HttpException;
import org.eclipse.jetty.http.HttpStatus;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.http.HttpHeaders;
import org.springframework.http.converter.HttpMessageNotReadableException;
import org.springframework.web.ErrorResponse;
import org.springframework.web.bind.annotation.ExceptionHandler;
import org.springframework.web.bind.annotation.RestControllerAdvice;
import org.springframework.web.context.request.async.AsyncRequestNotUsableException;
import org.springframework.web.method.annotation.MethodArgumentTypeMismatchException;
import org.springframework.web.server.ResponseStatusException;

/// Maps all exceptions to problems.
@RestControllerAdvice
final class ProblemExceptionHandler {
    private static final Logger LOG = LoggerFactory.getLogger(ProblemExceptionHandler.class);
    private final ServiceMetrics metrics;

    ProblemExceptionHandler(ServiceMetrics metrics) {
        this.metrics = metrics;
    }

    @ExceptionHandler
    void handle(Exception exception, HttpServletRequest request, HttpServletResponse response)
            throws IOException {
        if (exception instanceof AsyncRequestNotUsableException) {
            return; // the client has disconnected
        }
        metrics.rejected(exception);
        problemOf(exception, RequestId.of(request)).send(request, response, headersOf(exception));
    }

    private static HttpHeaders headersOf(Exception exception) {
        return switch (exception) {
            case ErrorResponse spring -> spring.getHeaders();
            case Unauthenticated e -> challenge(e.challenge());
            case Forbidden e -> challenge(e.challenge());
            case Overloaded e -> retryAfter(e.untilRetry());
            case ContextBudgetExceeded e -> retryAfter(e.untilRoom());
            default -> HttpHeaders.EMPTY;
        };
    }

    private static HttpHeaders challenge(String challenge) {
        HttpHeaders headers = new HttpHeaders();
        headers.set(HttpHeaders.WWW_AUTHENTICATE, challenge);
        return headers;
    }

    /// Returns the `Retry-After` header in whole seconds, at least 1.
    private static HttpHeaders retryAfter(Duration wait) {
        HttpHeaders headers = new HttpHeaders();
        headers.set(
                HttpHeaders.RETRY_AFTER,
                Long.toString(Math.max(1, wait.plusMillis(999).toSeconds())));
        return headers;
    }

    static Problem problemOf(Exception exception, String requestId) {
        Problem known = ofKnown(exception);
        if (known != null) {
            return known;
        }
        return switch (exception) {
            case MethodArgumentTypeMismatchException mismatch -> ofArgument(mismatch);
            case IOException _ -> incompleteBody();
            case HttpMessageNotReadableException unread
                    when unread.getCause() instanceof IOException ->
                    incompleteBody();
            case ResponseStatusException e when e.getReason() != null ->
                    Problem.of(typeOf(e.getStatusCode().value()), e.getReason());
            case ErrorResponse spring ->
                    ofStatus(spring.getStatusCode().value(), spring.getBody().getDetail());
            case HttpException container ->
                    ofStatus(
                            container.getCode(),
                            container.getCode() == HttpStatus.BAD_REQUEST_400
                                    ? "the query is not of the form name=value&name=value"
                                    : null);
            default -> unexpected(exception, requestId);
        };
    }

    private static Problem incompleteBody() {
        return Problem.of(ProblemType.INVALID_REQUEST, "the body ended before it was complete");
    }

    private static @Nullable Problem ofKnown(Throwable exception) {
        return switch (exception) {
            case MalformedJson e -> of(ProblemType.MALFORMED_JSON, e).with("offset", e.offset());
            case MalformedTensor e -> of(ProblemType.MALFORMED_TENSOR, e).with("field", e.field());
            case InvalidField e -> of(ProblemType.INVALID_REQUEST, e).with("field", e.field());
            case LayerName.InvalidName e -> of(ProblemType.INVALID_NAME, e).with("field", "name");
            case Unauthenticated e -> of(ProblemType.UNAUTHENTICATED, e);
            case Forbidden e -> of(ProblemType.FORBIDDEN, e);
            case IssuerUnavailable e -> of(ProblemType.ISSUER_UNAVAILABLE, e);
            case LayerNotFound e -> of(ProblemType.LAYER_NOT_FOUND, e);
            case SnapshotNotFound e -> of(ProblemType.SNAPSHOT_NOT_FOUND, e);
            case SnapshotLimit e -> of(ProblemType.SNAPSHOT_LIMIT, e);
            case VersionNotFound e -> of(ProblemType.NOT_FOUND, e);
            case ContextUnknown e -> of(ProblemType.CONTEXT_UNKNOWN, e);
            case InvalidCollective e -> of(ProblemType.INVALID_REQUEST, e).with("field", e.field());
            case CollectiveNotFound e -> of(ProblemType.COLLECTIVE_NOT_FOUND, e);
            case CollectiveGone e -> of(ProblemType.COLLECTIVE_GONE, e);
            case MadeElsewhere e -> of(ProblemType.MADE_ELSEWHERE, e);
            case CollectiveLimit e -> of(ProblemType.COLLECTIVE_LIMIT, e);
            case PartConflict e -> of(ProblemType.PART_CONFLICT, e);
            case SyncTimeout e -> of(ProblemType.SYNC_TIMEOUT, e);
            case InvalidMoments e -> of(ProblemType.INVALID_MOMENTS, e).with("field", e.field());
            case LayerFrozen e -> of(ProblemType.LAYER_FROZEN, e).with("field", e.field());
            case LayerExists e -> of(ProblemType.LAYER_EXISTS, e);
            case IdempotencyKeyInProgress e -> of(ProblemType.IDEMPOTENCY_KEY_IN_PROGRESS, e);
            case ContextElsewhere e -> of(ProblemType.CONTEXT_ELSEWHERE, e);
            case ContextGone e -> of(ProblemType.CONTEXT_GONE, e);
            case VersionMismatch e -> of(ProblemType.VERSION_MISMATCH, e);
            case BodyTooLarge e -> of(ProblemType.PAYLOAD_TOO_LARGE, e);
            case BodyTooSlow e -> of(ProblemType.REQUEST_TIMEOUT, e);
            case UnsupportedCoding e -> of(ProblemType.UNSUPPORTED_MEDIA_TYPE, e);
            case UnsupportedMedia e -> of(ProblemType.UNSUPPORTED_MEDIA_TYPE, e);
            case NotAcceptable e -> of(ProblemType.NOT_ACCEPTABLE, e);
            case ShapeMismatch e -> of(ProblemType.SHAPE_MISMATCH, e).with("field", e.field());
            case InvalidShape e -> of(ProblemType.SHAPE_INVALID, e);
            case NonFiniteValue e -> of(ProblemType.NON_FINITE_VALUE, e).with("field", e.field());
            case InvalidWeight e -> of(ProblemType.INVALID_REQUEST, e).with("field", e.field());
            case NonFiniteResult e -> of(ProblemType.NON_FINITE_RESULT, e);
            case BatchTooLarge e -> of(ProblemType.BATCH_TOO_LARGE, e).with("field", "input");
            case SingleValue e -> of(ProblemType.SINGLE_VALUE, e);
            case IdempotencyKeyReused e -> of(ProblemType.IDEMPOTENCY_KEY_REUSED, e);
            case InvalidOptimizer e ->
                    of(ProblemType.INVALID_CONFIG, e).with("field", "optimizer." + e.field());
            case InvalidConfig e -> of(ProblemType.INVALID_CONFIG, e).with("field", e.field());
            case InexactFold e -> of(ProblemType.NOT_EXACT, e);
            case InexactState e -> of(ProblemType.NOT_EXACT, e);
            case ContextBudgetExceeded e -> of(ProblemType.CONTEXT_BUDGET, e);
            case Overloaded e -> of(ProblemType.OVERLOADED, e);
            case CommitOutcomeUnknown e -> of(ProblemType.COMMIT_OUTCOME_UNKNOWN, e);
            case StoreUnavailable e -> of(ProblemType.STORE_UNAVAILABLE, e);
            case LayerCorrupt e -> of(ProblemType.LAYER_CORRUPT, e);
            case UnstorableValue e -> of(ProblemType.INVALID_REQUEST, e);
            case StorageFull e -> of(ProblemType.STORAGE_FULL, e);
            case StorageQuotaExceeded e -> of(ProblemType.STORAGE_FULL, e);
            default -> null;
        };
    }

    private static Problem of(ProblemType type, RuntimeException exception) {
        return Problem.of(type, String.valueOf(exception.getMessage()));
    }

    private static Problem ofArgument(MethodArgumentTypeMismatchException mismatch) {
        for (Throwable t = mismatch.getCause(); t != null; t = t.getCause()) {
            Problem known = ofKnown(t);
            if (known != null) {
                return known;
            }
        }
        return Problem.of(
                        ProblemType.INVALID_REQUEST,
                        "the query parameter \"" + mismatch.getName() + "\" is not of its type")
                .with("field", mismatch.getName());
    }

    /// Returns the problem of a rejection by the framework or the container.
    static Problem ofStatus(int status, @Nullable String detail) {
        return switch (status) {
            case 404 ->
                    Problem.of(
                            ProblemType.NOT_FOUND,
                            "there is nothing at this path; the API is under /api/v1, and"
                                    + " /swagger-ui.html shows it; /openapi/open-inference.json lists"
                                    + " the paths under /v2");
            case 405, 406, 408, 413, 415, 503 ->
                    Problem.of(typeOf(status), detail == null ? typeOf(status).title() : detail);
            case 500 -> Problem.of(ProblemType.INTERNAL_ERROR, "an unexpected error occurred");
            default ->
                    Problem.of(
                                    ProblemType.INVALID_REQUEST,
                                    detail == null
                                            ? "the request line or a header is malformed;"
                                                    + " together they may have 16 KB, and paths no encoded slashes, dot segments, control characters or raw special characters"
                                            : detail)
                            .withStatus(status);
        };
    }

    private static ProblemType typeOf(int status) {
        return switch (status) {
            case 403 -> ProblemType.FORBIDDEN;
            case 404 -> ProblemType.NOT_FOUND;
            case 405 -> ProblemType.METHOD_NOT_ALLOWED;
            case 406 -> ProblemType.NOT_ACCEPTABLE;
            case 408 -> ProblemType.REQUEST_TIMEOUT;
            case 413 -> ProblemType.PAYLOAD_TOO_LARGE;
            case 415 -> ProblemType.UNSUPPORTED_MEDIA_TYPE;
            default -> ProblemType.OVERLOADED;
        };
    }

    private static Problem unexpected(Exception exception, String id) {
        LOG.atError().setCause(exception).log("unexpected failure {}", id);
        return Problem.of(
                        ProblemType.INTERNAL_ERROR,
                        "an unexpected error occurred; the log has it under this id")
                .with("id", id);
    }
}
