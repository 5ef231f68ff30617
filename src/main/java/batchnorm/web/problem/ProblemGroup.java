package batchnorm.web.problem;

import static batchnorm.web.problem.ProblemType.COLLECTIVE_GONE;
import static batchnorm.web.problem.ProblemType.COLLECTIVE_NOT_FOUND;
import static batchnorm.web.problem.ProblemType.COMMIT_OUTCOME_UNKNOWN;
import static batchnorm.web.problem.ProblemType.FORBIDDEN;
import static batchnorm.web.problem.ProblemType.INVALID_CONFIG;
import static batchnorm.web.problem.ProblemType.INVALID_NAME;
import static batchnorm.web.problem.ProblemType.INVALID_REQUEST;
import static batchnorm.web.problem.ProblemType.ISSUER_UNAVAILABLE;
import static batchnorm.web.problem.ProblemType.LAYER_FROZEN;
import static batchnorm.web.problem.ProblemType.LAYER_NOT_FOUND;
import static batchnorm.web.problem.ProblemType.MADE_ELSEWHERE;
import static batchnorm.web.problem.ProblemType.MALFORMED_JSON;
import static batchnorm.web.problem.ProblemType.MALFORMED_TENSOR;
import static batchnorm.web.problem.ProblemType.NON_FINITE_RESULT;
import static batchnorm.web.problem.ProblemType.NON_FINITE_VALUE;
import static batchnorm.web.problem.ProblemType.NOT_ACCEPTABLE;
import static batchnorm.web.problem.ProblemType.OVERLOADED;
import static batchnorm.web.problem.ProblemType.PART_CONFLICT;
import static batchnorm.web.problem.ProblemType.PAYLOAD_TOO_LARGE;
import static batchnorm.web.problem.ProblemType.REQUEST_TIMEOUT;
import static batchnorm.web.problem.ProblemType.SHAPE_INVALID;
import static batchnorm.web.problem.ProblemType.SHAPE_MISMATCH;
import static batchnorm.web.problem.ProblemType.SINGLE_VALUE;
import static batchnorm.web.problem.ProblemType.STORAGE_FULL;
import static batchnorm.web.problem.ProblemType.STORE_UNAVAILABLE;
import static batchnorm.web.problem.ProblemType.UNAUTHENTICATED;
import static batchnorm.web.problem.ProblemType.UNSUPPORTED_MEDIA_TYPE;
import static batchnorm.web.problem.ProblemType.VERSION_MISMATCH;

import java.util.List;

/// Problems that several operations share.
public enum ProblemGroup {
    /// Problems of every operation.
    ANY(INVALID_REQUEST, UNAUTHENTICATED, FORBIDDEN, NOT_ACCEPTABLE, ISSUER_UNAVAILABLE),
    /// Problems of an operation that loads a layer, because its vectors need memory.
    LAYER(INVALID_NAME, LAYER_NOT_FOUND, PAYLOAD_TOO_LARGE, OVERLOADED),
    /// Problems of a body.
    READ(MALFORMED_TENSOR, REQUEST_TIMEOUT, PAYLOAD_TOO_LARGE, UNSUPPORTED_MEDIA_TYPE, OVERLOADED),
    /// Problems of a JSON body.
    JSON(MALFORMED_JSON),
    /// Problems of an operation that writes to the store.
    WRITE(OVERLOADED, COMMIT_OUTCOME_UNKNOWN, STORAGE_FULL, STORE_UNAVAILABLE),
    /// Problems of a change to an existing layer.
    CHANGE(LAYER_FROZEN, VERSION_MISMATCH),
    /// Problems of knobs and vectors.
    KNOBS(INVALID_CONFIG, NON_FINITE_VALUE),
    /// Problems of a batch.
    BATCH(SHAPE_MISMATCH, SHAPE_INVALID, NON_FINITE_VALUE, NON_FINITE_RESULT, SINGLE_VALUE),
    /// Problems of a group or an accumulation, and of its parts.
    COLLECTIVE(COLLECTIVE_NOT_FOUND, COLLECTIVE_GONE, MADE_ELSEWHERE, PART_CONFLICT);

    private final List<ProblemType> types;

    ProblemGroup(ProblemType... types) {
        this.types = List.of(types);
    }

    public List<ProblemType> types() {
        return types;
    }
}
