package batchnorm.web;

import static batchnorm.web.ProblemType.COLLECTIVE_GONE;
import static batchnorm.web.ProblemType.COLLECTIVE_NOT_FOUND;
import static batchnorm.web.ProblemType.COMMIT_OUTCOME_UNKNOWN;
import static batchnorm.web.ProblemType.FORBIDDEN;
import static batchnorm.web.ProblemType.INVALID_CONFIG;
import static batchnorm.web.ProblemType.INVALID_NAME;
import static batchnorm.web.ProblemType.INVALID_REQUEST;
import static batchnorm.web.ProblemType.ISSUER_UNAVAILABLE;
import static batchnorm.web.ProblemType.LAYER_FROZEN;
import static batchnorm.web.ProblemType.LAYER_NOT_FOUND;
import static batchnorm.web.ProblemType.MADE_ELSEWHERE;
import static batchnorm.web.ProblemType.MALFORMED_JSON;
import static batchnorm.web.ProblemType.MALFORMED_TENSOR;
import static batchnorm.web.ProblemType.NON_FINITE_RESULT;
import static batchnorm.web.ProblemType.NON_FINITE_VALUE;
import static batchnorm.web.ProblemType.NOT_ACCEPTABLE;
import static batchnorm.web.ProblemType.OVERLOADED;
import static batchnorm.web.ProblemType.PART_CONFLICT;
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
import java.util.EnumSet;
import java.util.List;
import java.util.Set;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/// What there is to say about one [Operation]; said once, when it is listed there.
final class OperationFacts {
    /// What can be wrong with the layer that a path names. Its vectors need memory.
    private static final ProblemType[] LAYER = {
        INVALID_NAME, LAYER_NOT_FOUND, PAYLOAD_TOO_LARGE, OVERLOADED
    };

    /// What can forbid that a layer changes.
    static final ProblemType[] CHANGE = {LAYER_FROZEN, VERSION_MISMATCH};

    /// What can be wrong with knobs and vectors.
    static final ProblemType[] KNOBS = {INVALID_CONFIG, NON_FINITE_VALUE};

    /// What can be wrong with a batch for a layer.
    static final ProblemType[] BATCH = {
        SHAPE_MISMATCH, SHAPE_INVALID, NON_FINITE_VALUE, NON_FINITE_RESULT, SINGLE_VALUE
    };

    /// What can be wrong with a group or an accumulation, and a part for it.
    static final ProblemType[] COLLECTIVE = {
        COLLECTIVE_NOT_FOUND, COLLECTIVE_GONE, MADE_ELSEWHERE, PART_CONFLICT
    };

    static final String IF_MATCH = "If-Match";
    static final String IF_NONE_MATCH = "If-None-Match";

    /// Headers of an answer that shows a layer.
    static final String[] ETAG = {"ETag", "Layer-Version"};

    /// Headers of an answer that may have kept a context.
    static final String[] CONTEXT = {"ETag", "Layer-Version", "Context-Id"};

    private static final Set<ProblemType> ANY =
            EnumSet.of(
                    INVALID_REQUEST,
                    UNAUTHENTICATED,
                    FORBIDDEN,
                    NOT_ACCEPTABLE,
                    ISSUER_UNAVAILABLE);

    private static final Set<ProblemType> READING =
            EnumSet.of(
                    MALFORMED_JSON,
                    MALFORMED_TENSOR,
                    REQUEST_TIMEOUT,
                    PAYLOAD_TOO_LARGE,
                    UNSUPPORTED_MEDIA_TYPE,
                    OVERLOADED);

    private static final Set<ProblemType> WRITING =
            EnumSet.of(OVERLOADED, COMMIT_OUTCOME_UNKNOWN, STORAGE_FULL, STORE_UNAVAILABLE);

    private final OperationTag tag;
    private final Scope scope;
    private final Set<ProblemType> problems = EnumSet.copyOf(ANY);
    private OperationBody body = OperationBody.NONE;
    private OperationBody answerBody = OperationBody.NONE;
    private @Nullable Signature request;
    private @Nullable Signature answer;
    private int successStatus = 204;
    private List<String> headers = List.of();
    private List<String> answerHeaders = List.of();

    private OperationFacts(OperationTag tag, Scope scope) {
        this.tag = tag;
        this.scope = scope;
    }

    /// An operation that reads no body and answers none, until it is told otherwise.
    static OperationFacts under(OperationTag tag, Scope scope) {
        return new OperationFacts(tag, scope);
    }

    /// The same, of the layer that the path names.
    static OperationFacts ofLayer(OperationTag tag, Scope scope) {
        return under(tag, scope).fails(LAYER);
    }

    OperationFacts reads(OperationBody kind, Signature message) {
        body = kind;
        request = message;
        problems.addAll(READING);
        return this;
    }

    /// It reads no body, but these parameters of the query.
    OperationFacts takes(Signature parameters) {
        body = OperationBody.QUERY;
        request = parameters;
        return this;
    }

    /// It reads a file that frameworks keep, and these parameters of the query.
    OperationFacts readsCheckpoint(Signature parameters) {
        reads(OperationBody.CHECKPOINT, parameters);
        problems.remove(MALFORMED_JSON);
        return this;
    }

    /// It answers a file that frameworks keep.
    OperationFacts answersCheckpoint(String... inHeaders) {
        answerBody = OperationBody.CHECKPOINT;
        successStatus = 200;
        answerHeaders = List.of(inHeaders);
        return this;
    }

    OperationFacts answers(Signature message, String... inHeaders) {
        answer = message;
        answerBody = body == OperationBody.TENSORS ? body : OperationBody.JSON;
        successStatus = 200;
        answerHeaders = List.of(inHeaders);
        return this;
    }

    OperationFacts creates(Signature message, String... inHeaders) {
        answers(message, inHeaders);
        successStatus = 201;
        return this;
    }

    /// It heeds these headers of a request.
    OperationFacts heeds(String... names) {
        headers = List.of(names);
        return this;
    }

    /// It changes what is stored.
    OperationFacts writes() {
        problems.addAll(WRITING);
        return this;
    }

    OperationFacts fails(ProblemType... with) {
        problems.addAll(List.of(with));
        return this;
    }

    OperationFacts fails(ProblemType[]... groups) {
        for (ProblemType[] group : groups) {
            fails(group);
        }
        return this;
    }

    OperationTag tag() {
        return tag;
    }

    Scope scope() {
        return scope;
    }

    OperationBody body() {
        return body;
    }

    OperationBody answerBody() {
        return answerBody;
    }

    @Nullable Signature request() {
        return request;
    }

    @Nullable Signature answer() {
        return answer;
    }

    int successStatus() {
        return successStatus;
    }

    List<String> headers() {
        return headers;
    }

    List<String> answerHeaders() {
        return answerHeaders;
    }

    Stream<ProblemType> problems() {
        return problems.stream();
    }
}
