package batchnorm.web;

import static batchnorm.web.ProblemType.COMMIT_OUTCOME_UNKNOWN;
import static batchnorm.web.ProblemType.CONTEXT_BUDGET;
import static batchnorm.web.ProblemType.CONTEXT_GONE;
import static batchnorm.web.ProblemType.CONTEXT_UNKNOWN;
import static batchnorm.web.ProblemType.FORBIDDEN;
import static batchnorm.web.ProblemType.IDEMPOTENCY_KEY_IN_PROGRESS;
import static batchnorm.web.ProblemType.IDEMPOTENCY_KEY_REUSED;
import static batchnorm.web.ProblemType.INVALID_CONFIG;
import static batchnorm.web.ProblemType.INVALID_NAME;
import static batchnorm.web.ProblemType.INVALID_REQUEST;
import static batchnorm.web.ProblemType.ISSUER_UNAVAILABLE;
import static batchnorm.web.ProblemType.LAYER_EXISTS;
import static batchnorm.web.ProblemType.LAYER_NOT_FOUND;
import static batchnorm.web.ProblemType.MALFORMED_JSON;
import static batchnorm.web.ProblemType.MALFORMED_TENSOR;
import static batchnorm.web.ProblemType.NON_FINITE_RESULT;
import static batchnorm.web.ProblemType.NON_FINITE_VALUE;
import static batchnorm.web.ProblemType.NOT_ACCEPTABLE;
import static batchnorm.web.ProblemType.OVERLOADED;
import static batchnorm.web.ProblemType.PAYLOAD_TOO_LARGE;
import static batchnorm.web.ProblemType.REQUEST_TIMEOUT;
import static batchnorm.web.ProblemType.SHAPE_INVALID;
import static batchnorm.web.ProblemType.SHAPE_MISMATCH;
import static batchnorm.web.ProblemType.SINGLE_VALUE;
import static batchnorm.web.ProblemType.STORAGE_FULL;
import static batchnorm.web.ProblemType.STORE_UNAVAILABLE;
import static batchnorm.web.ProblemType.UNAUTHENTICATED;
import static batchnorm.web.ProblemType.UNSUPPORTED_MEDIA_TYPE;
import static batchnorm.web.ProblemType.VERSION_MISMATCH;

import batchnorm.access.Scope;
import batchnorm.codec.Signature;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.function.Function;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/// Every operation of the API: what it reads, what it answers, what can be wrong with it. Requests
/// are read by this table and documented by it.
enum Operation {
    CREATE_LAYER(
            "Create a layer",
            "Every knob that is left out comes from the convention. `features` may be left out: the first training batch decides it.",
            Scope.TRAIN,
            Body.JSON,
            Signatures.NEW_LAYER,
            Set.of("name"),
            Signatures.LAYER,
            INVALID_NAME,
            LAYER_EXISTS,
            INVALID_CONFIG,
            NON_FINITE_VALUE),
    LIST_LAYERS(
            "List layers",
            "Ordered by name. `next` is what to send as `after` for the next page.",
            Scope.INFER,
            Body.NONE,
            null,
            Set.of(),
            Signatures.LAYER_LIST,
            INVALID_NAME),
    GET_LAYER(
            "Read a layer",
            "Its knobs, resolved, its parameters and running statistics. `If-None-Match` with the ETag answers 304.",
            Scope.INFER,
            Body.NONE,
            null,
            Set.of(),
            Signatures.LAYER,
            INVALID_NAME,
            LAYER_NOT_FOUND),
    PATCH_LAYER(
            "Change a layer",
            "A JSON merge patch (RFC 7396): fields that are absent stay, a vector that is null goes back to its initial value.",
            Scope.TRAIN,
            Body.MERGE_PATCH,
            Signatures.PATCH,
            Set.of(),
            Signatures.LAYER,
            INVALID_NAME,
            LAYER_NOT_FOUND,
            VERSION_MISMATCH,
            INVALID_CONFIG,
            NON_FINITE_VALUE),
    DELETE_LAYER(
            "Delete a layer",
            "Its contexts and recorded steps go with it.",
            Scope.ADMIN,
            Body.NONE,
            null,
            Set.of(),
            null,
            INVALID_NAME,
            LAYER_NOT_FOUND,
            VERSION_MISMATCH),
    RESET_LAYER(
            "Reset running statistics",
            "Back to their values before the first batch. Parameters stay.",
            Scope.TRAIN,
            Body.NONE,
            null,
            Set.of(),
            Signatures.LAYER,
            INVALID_NAME,
            LAYER_NOT_FOUND,
            VERSION_MISMATCH),
    FORWARD_TRAIN(
            "Forward, training",
            "Normalizes a batch with its own statistics, then updates the running ones. The answer comes after the step is durable. With an `Idempotency-Key`, a retry answers the same bits and counts once.",
            Scope.TRAIN,
            Body.TENSORS,
            Signatures.FORWARD_TRAIN,
            Set.of("input"),
            Signatures.TRAINED,
            INVALID_NAME,
            LAYER_NOT_FOUND,
            IDEMPOTENCY_KEY_IN_PROGRESS,
            VERSION_MISMATCH,
            SHAPE_MISMATCH,
            SHAPE_INVALID,
            NON_FINITE_VALUE,
            NON_FINITE_RESULT,
            SINGLE_VALUE,
            IDEMPOTENCY_KEY_REUSED,
            CONTEXT_BUDGET),
    FORWARD_INFER(
            "Forward, inference",
            "Normalizes with the running statistics and changes nothing.",
            Scope.INFER,
            Body.TENSORS,
            Signatures.FORWARD_INFER,
            Set.of("input"),
            Signatures.INFERRED,
            INVALID_NAME,
            LAYER_NOT_FOUND,
            SHAPE_MISMATCH,
            SHAPE_INVALID,
            NON_FINITE_VALUE,
            NON_FINITE_RESULT,
            SINGLE_VALUE,
            CONTEXT_BUDGET),
    BACKWARD(
            "Backward",
            "The gradients of a forward: of one that kept its context (`context_id` and `grad_output`), or of one that is run again here (`input`, `grad_output` and `mode`).",
            Scope.TRAIN,
            Body.TENSORS,
            Signatures.BACKWARD,
            Set.of("grad_output"),
            Signatures.GRADIENTS,
            INVALID_NAME,
            LAYER_NOT_FOUND,
            CONTEXT_UNKNOWN,
            CONTEXT_GONE,
            SHAPE_MISMATCH,
            SHAPE_INVALID,
            NON_FINITE_VALUE,
            NON_FINITE_RESULT,
            SINGLE_VALUE),
    LIST_CONVENTIONS(
            "List conventions",
            "What each framework does when nobody says otherwise, every knob resolved.",
            Scope.INFER,
            Body.NONE,
            null,
            Set.of(),
            Signatures.CONVENTIONS);

    /// What kind of body an operation reads.
    enum Body {
        NONE,
        JSON,
        /// JSON, also under the name of RFC 7396.
        MERGE_PATCH,
        /// JSON or one of the binary media types.
        TENSORS
    }

    private final String summary;
    private final String description;
    private final Scope scope;
    private final Body body;
    private final @Nullable Signature request;
    private final Set<String> required;
    private final @Nullable Signature answer;
    private final List<ProblemType> problems;

    Operation(
            String summary,
            String description,
            Scope scope,
            Body body,
            @Nullable Signature request,
            Set<String> required,
            @Nullable Signature answer,
            ProblemType... problems) {
        this.summary = summary;
        this.description = description;
        this.scope = scope;
        this.body = body;
        this.request = request;
        this.required = required;
        this.answer = answer;
        this.problems = List.of(problems);
    }

    /// As a generated client calls it: `forwardTrain`.
    String id() {
        String[] words = name().toLowerCase(Locale.ROOT).split("_");
        StringBuilder id = new StringBuilder(words[0]);
        for (int i = 1; i < words.length; i++) {
            id.append(Character.toUpperCase(words[i].charAt(0))).append(words[i].substring(1));
        }
        return id.toString();
    }

    /// The name of its example files: `forward-train`.
    String slug() {
        return name().toLowerCase(Locale.ROOT).replace('_', '-');
    }

    String summary() {
        return summary;
    }

    String description() {
        return description;
    }

    /// What whoever calls it must have been granted.
    Scope scope() {
        return scope;
    }

    Body body() {
        return body;
    }

    @Nullable Signature request() {
        return request;
    }

    Set<String> required() {
        return required;
    }

    @Nullable Signature answer() {
        return answer;
    }

    /// The problems of its own; what any request may meet comes on top.
    List<ProblemType> problems() {
        return problems;
    }

    /// Under which Swagger UI lists it.
    String tag() {
        return switch (this) {
            case FORWARD_TRAIN, FORWARD_INFER, BACKWARD -> "passes";
            case LIST_CONVENTIONS -> "conventions";
            default -> "layers";
        };
    }

    String successStatus() {
        return switch (this) {
            case CREATE_LAYER -> "201";
            case DELETE_LAYER -> "204";
            default -> "200";
        };
    }

    /// The request headers that it heeds.
    List<String> headers() {
        return switch (this) {
            case GET_LAYER -> List.of("If-None-Match");
            case PATCH_LAYER, DELETE_LAYER, RESET_LAYER -> List.of("If-Match");
            case FORWARD_TRAIN -> List.of("If-Match", IdempotencyKeys.HEADER);
            default -> List.of();
        };
    }

    List<String> answerHeaders() {
        return switch (this) {
            case CREATE_LAYER -> List.of("Location", "ETag", "Layer-Version");
            case GET_LAYER, PATCH_LAYER, RESET_LAYER -> List.of("ETag", "Layer-Version");
            case FORWARD_TRAIN, FORWARD_INFER -> List.of("ETag", "Layer-Version", "Context-Id");
            default -> List.of();
        };
    }

    /// What any request of this kind may meet.
    Stream<ProblemType> commonProblems() {
        Stream<ProblemType> any =
                Stream.of(
                        INVALID_REQUEST,
                        UNAUTHENTICATED,
                        FORBIDDEN,
                        NOT_ACCEPTABLE,
                        ISSUER_UNAVAILABLE);
        Stream<ProblemType> withBody =
                body == Body.NONE
                        ? Stream.of()
                        : Stream.of(
                                MALFORMED_JSON,
                                MALFORMED_TENSOR,
                                REQUEST_TIMEOUT,
                                PAYLOAD_TOO_LARGE,
                                UNSUPPORTED_MEDIA_TYPE,
                                OVERLOADED);
        Stream<ProblemType> writing =
                Set.of(CREATE_LAYER, PATCH_LAYER, DELETE_LAYER, RESET_LAYER, FORWARD_TRAIN)
                                .contains(this)
                        ? Stream.of(
                                OVERLOADED, COMMIT_OUTCOME_UNKNOWN, STORAGE_FULL, STORE_UNAVAILABLE)
                        : Stream.of();
        return Stream.of(any, withBody, writing).flatMap(Function.identity());
    }
}
