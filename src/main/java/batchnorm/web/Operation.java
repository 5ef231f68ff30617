package batchnorm.web;

import static batchnorm.access.Scope.ADMIN;
import static batchnorm.access.Scope.INFER;
import static batchnorm.access.Scope.TRAIN;
import static batchnorm.web.OperationFacts.BATCH;
import static batchnorm.web.OperationFacts.COLLECTIVE;
import static batchnorm.web.OperationFacts.CONTEXT;
import static batchnorm.web.OperationFacts.ETAG;
import static batchnorm.web.OperationFacts.IF_MATCH;
import static batchnorm.web.OperationFacts.IF_NONE_MATCH;
import static batchnorm.web.OperationFacts.KNOBS;
import static batchnorm.web.OperationFacts.LAYER;
import static batchnorm.web.OperationFacts.under;
import static batchnorm.web.OperationTag.CHECKPOINTS;
import static batchnorm.web.OperationTag.CONVENTIONS;
import static batchnorm.web.OperationTag.FOLDING;
import static batchnorm.web.OperationTag.INSIGHT;
import static batchnorm.web.OperationTag.LAYERS;
import static batchnorm.web.OperationTag.PASSES;
import static batchnorm.web.OperationTag.SNAPSHOTS;
import static batchnorm.web.OperationTag.TOGETHER;
import static batchnorm.web.ProblemType.BATCH_TOO_LARGE;
import static batchnorm.web.ProblemType.COLLECTIVE_LIMIT;
import static batchnorm.web.ProblemType.CONTEXT_BUDGET;
import static batchnorm.web.ProblemType.CONTEXT_ELSEWHERE;
import static batchnorm.web.ProblemType.CONTEXT_GONE;
import static batchnorm.web.ProblemType.CONTEXT_UNKNOWN;
import static batchnorm.web.ProblemType.IDEMPOTENCY_KEY_IN_PROGRESS;
import static batchnorm.web.ProblemType.IDEMPOTENCY_KEY_REUSED;
import static batchnorm.web.ProblemType.INVALID_CONFIG;
import static batchnorm.web.ProblemType.INVALID_MOMENTS;
import static batchnorm.web.ProblemType.INVALID_NAME;
import static batchnorm.web.ProblemType.LAYER_EXISTS;
import static batchnorm.web.ProblemType.LAYER_FROZEN;
import static batchnorm.web.ProblemType.NON_FINITE_RESULT;
import static batchnorm.web.ProblemType.NOT_EXACT;
import static batchnorm.web.ProblemType.PAYLOAD_TOO_LARGE;
import static batchnorm.web.ProblemType.SHAPE_MISMATCH;
import static batchnorm.web.ProblemType.SNAPSHOT_LIMIT;
import static batchnorm.web.ProblemType.SNAPSHOT_NOT_FOUND;
import static batchnorm.web.ProblemType.SYNC_TIMEOUT;
import static batchnorm.web.ProblemType.VERSION_MISMATCH;

import batchnorm.access.Scope;
import batchnorm.codec.Signature;
import java.util.List;
import java.util.Locale;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/// Every operation of the API, in the order of a first session: what it reads, what it answers,
/// what can be wrong with it. Requests are read by this table and documented by it; what an
/// operation is for stands in `openapi/{slug}.md`, its examples beside that.
enum Operation {
    CREATE_LAYER(
            under(LAYERS, TRAIN)
                    .reads(Body.JSON, Signatures.NEW_LAYER)
                    .creates(Signatures.LAYER, "Location", "ETag", "Layer-Version")
                    .writes()
                    .fails(INVALID_NAME, LAYER_EXISTS)
                    .fails(KNOBS)),
    LIST_LAYERS(under(LAYERS, INFER).answers(Signatures.LAYER_LIST).fails(INVALID_NAME)),
    GET_LAYER(
            under(LAYERS, INFER).answers(Signatures.LAYER, ETAG).heeds(IF_NONE_MATCH).fails(LAYER)),
    HEALTH(under(INSIGHT, INFER).answers(InsightSignatures.HEALTH, ETAG).fails(LAYER)),
    EXPLAIN(
            under(INSIGHT, TRAIN)
                    .reads(Body.JSON, InsightSignatures.EXPLAIN)
                    .answers(InsightSignatures.EXPLANATION, ETAG)
                    .fails(LAYER)
                    .fails(BATCH)
                    .fails(BATCH_TOO_LARGE, INVALID_CONFIG)),
    GRADIENT_CHECK(
            under(INSIGHT, TRAIN)
                    .reads(Body.JSON, InsightSignatures.GRADIENT_CHECK)
                    .answers(InsightSignatures.GRADIENTS_CHECKED, ETAG)
                    .fails(LAYER)
                    .fails(BATCH)
                    .fails(BATCH_TOO_LARGE, INVALID_CONFIG)),
    PATCH_LAYER(
            under(LAYERS, TRAIN)
                    .reads(Body.MERGE_PATCH, Signatures.PATCH)
                    .answers(Signatures.LAYER, ETAG)
                    .heeds(IF_MATCH)
                    .writes()
                    .fails(LAYER)
                    .fails(LAYER_FROZEN, VERSION_MISMATCH)
                    .fails(KNOBS)),
    DELETE_LAYER(
            under(LAYERS, ADMIN).heeds(IF_MATCH).writes().fails(LAYER).fails(VERSION_MISMATCH)),
    RESET_LAYER(
            under(LAYERS, TRAIN)
                    .answers(Signatures.LAYER, ETAG)
                    .heeds(IF_MATCH)
                    .writes()
                    .fails(LAYER)
                    .fails(LAYER_FROZEN, VERSION_MISMATCH)),
    FORWARD_TRAIN(
            under(PASSES, TRAIN)
                    .reads(Body.TENSORS, Signatures.FORWARD_TRAIN)
                    .answers(Signatures.TRAINED, CONTEXT)
                    .heeds(IF_MATCH, IdempotencyKeys.HEADER)
                    .writes()
                    .fails(LAYER)
                    .fails(BATCH)
                    .fails(IDEMPOTENCY_KEY_IN_PROGRESS, IDEMPOTENCY_KEY_REUSED)
                    .fails(VERSION_MISMATCH, CONTEXT_BUDGET)),
    FORWARD_INFER(
            under(PASSES, INFER)
                    .reads(Body.TENSORS, Signatures.FORWARD_INFER)
                    .answers(Signatures.INFERRED, CONTEXT)
                    .fails(LAYER)
                    .fails(BATCH)
                    .fails(INVALID_CONFIG, CONTEXT_BUDGET)),
    BACKWARD(
            under(PASSES, TRAIN)
                    .reads(Body.TENSORS, Signatures.BACKWARD)
                    .answers(Signatures.GRADIENTS)
                    .fails(LAYER)
                    .fails(CONTEXT_UNKNOWN, CONTEXT_ELSEWHERE, CONTEXT_GONE, INVALID_CONFIG)
                    .fails(BATCH)),
    GET_AFFINE(
            under(FOLDING, INFER)
                    .answers(Signatures.AFFINE, ETAG)
                    .heeds(IF_NONE_MATCH)
                    .fails(LAYER)
                    .fails(INVALID_CONFIG, NON_FINITE_RESULT)),
    FOLD_LAYER(
            under(FOLDING, INFER)
                    .reads(Body.TENSORS, Signatures.FOLD)
                    .answers(Signatures.FOLDED, ETAG)
                    .fails(LAYER)
                    .fails(SHAPE_MISMATCH, NOT_EXACT, INVALID_CONFIG, NON_FINITE_RESULT)),
    EXPORT_LAYER(
            under(CHECKPOINTS, INFER)
                    .takes(Signatures.EXPORT)
                    .answersCheckpoint("ETag", "Layer-Version", "State-Exact")
                    .fails(LAYER)
                    .fails(INVALID_CONFIG, NOT_EXACT, NON_FINITE_RESULT)),
    EXPORT_LAYERS(
            under(CHECKPOINTS, INFER)
                    .takes(Signatures.EXPORT_OF_SEVERAL)
                    .answersCheckpoint("State-Exact")
                    .fails(LAYER)
                    .fails(PAYLOAD_TOO_LARGE)
                    .fails(INVALID_CONFIG, NOT_EXACT, NON_FINITE_RESULT)),
    IMPORT_LAYERS(
            under(CHECKPOINTS, TRAIN)
                    .readsCheckpoint(Signatures.IMPORT)
                    .answers(Signatures.IMPORTED)
                    .writes()
                    .fails(LAYER_EXISTS, SHAPE_MISMATCH)
                    .fails(KNOBS)),
    APPLY_GRADIENTS(
            under(LAYERS, TRAIN)
                    .reads(Body.JSON, Signatures.APPLY_GRADIENTS)
                    .answers(Signatures.PARAMETERS, ETAG)
                    .heeds(IF_MATCH, IdempotencyKeys.HEADER)
                    .writes()
                    .fails(LAYER)
                    .fails(LAYER_FROZEN, VERSION_MISMATCH, IDEMPOTENCY_KEY_REUSED)
                    .fails(SHAPE_MISMATCH, NON_FINITE_RESULT)
                    .fails(KNOBS)),
    CONVERT(
            under(LAYERS, TRAIN)
                    .takes(Signatures.CONVERT)
                    .answers(Signatures.CONVERTED, ETAG)
                    .heeds(IF_MATCH)
                    .writes()
                    .fails(LAYER)
                    .fails(VERSION_MISMATCH, INVALID_CONFIG)),
    OPEN_SYNC_GROUP(
            under(TOGETHER, TRAIN)
                    .reads(Body.JSON, CollectiveSignatures.NEW_SYNC_GROUP)
                    .creates(CollectiveSignatures.SYNC_GROUP)
                    .fails(LAYER)
                    .fails(COLLECTIVE_LIMIT)),
    SYNC_FORWARD_TRAIN(
            under(TOGETHER, TRAIN)
                    .reads(Body.TENSORS, CollectiveSignatures.SYNC_FORWARD_TRAIN)
                    .answers(CollectiveSignatures.SYNC_TRAINED, ETAG)
                    .writes()
                    .fails(LAYER)
                    .fails(BATCH)
                    .fails(COLLECTIVE)
                    .fails(
                            SYNC_TIMEOUT,
                            INVALID_CONFIG,
                            INVALID_MOMENTS,
                            CONTEXT_BUDGET,
                            IDEMPOTENCY_KEY_REUSED)),
    SYNC_BACKWARD(
            under(TOGETHER, TRAIN)
                    .reads(Body.TENSORS, CollectiveSignatures.SYNC_BACKWARD)
                    .answers(CollectiveSignatures.SYNC_GRADIENTS)
                    .fails(BATCH)
                    .fails(COLLECTIVE)
                    .fails(SYNC_TIMEOUT, CONTEXT_GONE, CONTEXT_BUDGET)),
    OPEN_ACCUMULATION(
            under(TOGETHER, TRAIN)
                    .creates(CollectiveSignatures.ACCUMULATION)
                    .fails(LAYER)
                    .fails(COLLECTIVE_LIMIT)),
    ADD_TO_ACCUMULATION(
            under(TOGETHER, TRAIN)
                    .reads(Body.TENSORS, CollectiveSignatures.CHUNK)
                    .answers(CollectiveSignatures.ACCUMULATED)
                    .fails(LAYER)
                    .fails(BATCH)
                    .fails(COLLECTIVE)
                    .fails(INVALID_MOMENTS, CONTEXT_BUDGET)),
    FINISH_ACCUMULATION(
            under(TOGETHER, TRAIN)
                    .reads(Body.JSON, CollectiveSignatures.FINISH)
                    .answers(CollectiveSignatures.FINISHED, ETAG)
                    .heeds(IF_MATCH)
                    .writes()
                    .fails(LAYER)
                    .fails(BATCH)
                    .fails(COLLECTIVE)
                    .fails(KNOBS)
                    .fails(LAYER_FROZEN, VERSION_MISMATCH)
                    .fails(INVALID_MOMENTS, IDEMPOTENCY_KEY_REUSED)),
    ABANDON_ACCUMULATION(under(TOGETHER, TRAIN).fails(COLLECTIVE)),
    MERGE_STATISTICS(
            under(TOGETHER, INFER)
                    .reads(Body.JSON, CollectiveSignatures.MERGE)
                    .answers(CollectiveSignatures.MERGED)
                    .fails(SHAPE_MISMATCH, INVALID_MOMENTS, NON_FINITE_RESULT)),
    INSTALL_STATISTICS(
            under(TOGETHER, TRAIN)
                    .reads(Body.JSON, CollectiveSignatures.STATISTICS)
                    .answers(Signatures.LAYER, ETAG)
                    .heeds(IF_MATCH)
                    .writes()
                    .fails(LAYER)
                    .fails(LAYER_FROZEN)
                    .fails(KNOBS)
                    .fails(LAYER_FROZEN, VERSION_MISMATCH, SHAPE_MISMATCH)
                    .fails(INVALID_MOMENTS, NON_FINITE_RESULT)),
    TAKE_SNAPSHOT(
            under(SNAPSHOTS, TRAIN)
                    .reads(Body.JSON, Signatures.NEW_SNAPSHOT)
                    .creates(Signatures.SNAPSHOT_SUMMARY, "Location")
                    .writes()
                    .fails(LAYER)
                    .fails(SNAPSHOT_LIMIT)),
    LIST_SNAPSHOTS(under(SNAPSHOTS, INFER).answers(Signatures.SNAPSHOT_LIST).fails(LAYER)),
    GET_SNAPSHOT(
            under(SNAPSHOTS, INFER)
                    .answers(Signatures.SNAPSHOT)
                    .fails(LAYER)
                    .fails(SNAPSHOT_NOT_FOUND)),
    COMPARE_SNAPSHOTS(
            under(SNAPSHOTS, INFER)
                    .answers(Signatures.COMPARISON)
                    .fails(LAYER)
                    .fails(SNAPSHOT_NOT_FOUND)),
    RESTORE_SNAPSHOT(
            under(SNAPSHOTS, TRAIN)
                    .answers(Signatures.LAYER, ETAG)
                    .heeds(IF_MATCH)
                    .writes()
                    .fails(LAYER)
                    .fails(SNAPSHOT_NOT_FOUND, VERSION_MISMATCH)),
    DELETE_SNAPSHOT(under(SNAPSHOTS, ADMIN).writes().fails(LAYER).fails(SNAPSHOT_NOT_FOUND)),
    LIST_CONVENTIONS(under(CONVENTIONS, INFER).answers(Signatures.CONVENTIONS));

    /// What kind of body an operation reads.
    enum Body {
        NONE,
        /// None: the fields are parameters of the query.
        QUERY,
        JSON,
        /// JSON, also under the name of RFC 7396.
        MERGE_PATCH,
        /// JSON or one of the binary media types.
        TENSORS,
        /// A file of tensors by the names of a framework.
        CHECKPOINT;

        /// The formats it comes in, the preferred one first.
        List<Format> formats() {
            return switch (this) {
                case NONE, QUERY -> List.of();
                case JSON, MERGE_PATCH -> List.of(Format.JSON);
                case TENSORS -> List.of(Format.values());
                case CHECKPOINT -> List.of(Format.SAFETENSORS, Format.NPZ);
            };
        }
    }

    private final OperationFacts facts;

    Operation(OperationFacts facts) {
        this.facts = facts;
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

    /// The name of its files: `forward-train`.
    String slug() {
        return name().toLowerCase(Locale.ROOT).replace('_', '-');
    }

    OperationTag tag() {
        return facts.tag();
    }

    /// What whoever calls it must have been granted.
    Scope scope() {
        return facts.scope();
    }

    Body body() {
        return facts.body();
    }

    boolean readsBody() {
        return body() != Body.NONE && body() != Body.QUERY;
    }

    /// What kind of body its answer is.
    Body answerBody() {
        return facts.answerBody();
    }

    @Nullable Signature request() {
        return facts.request();
    }

    @Nullable Signature answer() {
        return facts.answer();
    }

    int successStatus() {
        return facts.successStatus();
    }

    /// The request headers that it heeds.
    List<String> headers() {
        return facts.headers();
    }

    List<String> answerHeaders() {
        return facts.answerHeaders();
    }

    /// The problems of its own, and those that any request of its kind may meet.
    Stream<ProblemType> problems() {
        return facts.problems();
    }
}
