package batchnorm.web;

import static batchnorm.access.Scope.ADMIN;
import static batchnorm.access.Scope.INFER;
import static batchnorm.access.Scope.TRAIN;
import static batchnorm.web.OperationFacts.BATCH;
import static batchnorm.web.OperationFacts.CHANGE;
import static batchnorm.web.OperationFacts.COLLECTIVE;
import static batchnorm.web.OperationFacts.CONTEXT;
import static batchnorm.web.OperationFacts.ETAG;
import static batchnorm.web.OperationFacts.IF_MATCH;
import static batchnorm.web.OperationFacts.IF_NONE_MATCH;
import static batchnorm.web.OperationFacts.KNOBS;
import static batchnorm.web.OperationFacts.ofLayer;
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
                    .reads(OperationBody.JSON, LayerSignatures.CREATE)
                    .creates(LayerSignatures.LAYER, "Location", "ETag", "Layer-Version")
                    .writes()
                    .fails(KNOBS)
                    .fails(INVALID_NAME, LAYER_EXISTS)),
    LIST_LAYERS(
            under(LAYERS, INFER)
                    .takes(LayerSignatures.PAGE)
                    .answers(LayerSignatures.LAYER_LIST)
                    .fails(INVALID_NAME)),
    GET_LAYER(ofLayer(LAYERS, INFER).answers(LayerSignatures.LAYER, ETAG).heeds(IF_NONE_MATCH)),
    HEALTH(ofLayer(INSIGHT, INFER).answers(InsightSignatures.HEALTH, ETAG)),
    EXPLAIN(
            ofLayer(INSIGHT, TRAIN)
                    .reads(OperationBody.JSON, InsightSignatures.EXPLAIN)
                    .answers(InsightSignatures.EXPLANATION, ETAG)
                    .fails(BATCH)
                    .fails(BATCH_TOO_LARGE, INVALID_CONFIG)),
    GRADIENT_CHECK(
            ofLayer(INSIGHT, TRAIN)
                    .reads(OperationBody.JSON, InsightSignatures.GRADIENT_CHECK)
                    .answers(InsightSignatures.GRADIENTS_CHECKED, ETAG)
                    .fails(BATCH)
                    .fails(BATCH_TOO_LARGE, INVALID_CONFIG)),
    PATCH_LAYER(
            ofLayer(LAYERS, TRAIN)
                    .reads(OperationBody.MERGE_PATCH, LayerSignatures.PATCH)
                    .answers(LayerSignatures.LAYER, ETAG)
                    .heeds(IF_MATCH)
                    .writes()
                    .fails(CHANGE, KNOBS)),
    DELETE_LAYER(ofLayer(LAYERS, ADMIN).heeds(IF_MATCH).writes().fails(VERSION_MISMATCH)),
    RESET_LAYER(
            ofLayer(LAYERS, TRAIN)
                    .answers(LayerSignatures.LAYER, ETAG)
                    .heeds(IF_MATCH)
                    .writes()
                    .fails(CHANGE)),
    FORWARD_TRAIN(
            ofLayer(PASSES, TRAIN)
                    .reads(OperationBody.TENSORS, PassSignatures.FORWARD_TRAIN)
                    .answers(PassSignatures.TRAINED, CONTEXT)
                    .heeds(IF_MATCH, IdempotencyKeys.HEADER)
                    .writes()
                    .fails(BATCH)
                    .fails(IDEMPOTENCY_KEY_IN_PROGRESS, IDEMPOTENCY_KEY_REUSED)
                    .fails(VERSION_MISMATCH, CONTEXT_BUDGET)),
    FORWARD_INFER(
            ofLayer(PASSES, INFER)
                    .reads(OperationBody.TENSORS, PassSignatures.FORWARD_INFER)
                    .answers(PassSignatures.INFERRED, CONTEXT)
                    .fails(BATCH)
                    .fails(INVALID_CONFIG, CONTEXT_BUDGET)),
    BACKWARD(
            ofLayer(PASSES, TRAIN)
                    .reads(OperationBody.TENSORS, PassSignatures.BACKWARD)
                    .answers(PassSignatures.GRADIENTS)
                    .fails(BATCH)
                    .fails(CONTEXT_UNKNOWN, CONTEXT_ELSEWHERE, CONTEXT_GONE, INVALID_CONFIG)),
    GET_AFFINE(
            ofLayer(FOLDING, INFER)
                    .answers(FoldSignatures.AFFINE, ETAG)
                    .heeds(IF_NONE_MATCH)
                    .fails(INVALID_CONFIG, NON_FINITE_RESULT)),
    FOLD_LAYER(
            ofLayer(FOLDING, INFER)
                    .reads(OperationBody.TENSORS, FoldSignatures.FOLD)
                    .answers(FoldSignatures.FOLDED, ETAG)
                    .fails(SHAPE_MISMATCH, NOT_EXACT, INVALID_CONFIG, NON_FINITE_RESULT)),
    EXPORT_LAYER(
            ofLayer(CHECKPOINTS, INFER)
                    .takes(CheckpointSignatures.EXPORT)
                    .answersCheckpoint("ETag", "Layer-Version", "State-Exact")
                    .fails(INVALID_CONFIG, NOT_EXACT, NON_FINITE_RESULT)),
    EXPORT_LAYERS(
            ofLayer(CHECKPOINTS, INFER)
                    .takes(CheckpointSignatures.EXPORT_OF_SEVERAL)
                    .answersCheckpoint("State-Exact")
                    .fails(PAYLOAD_TOO_LARGE, INVALID_CONFIG, NOT_EXACT, NON_FINITE_RESULT)),
    IMPORT_LAYERS(
            under(CHECKPOINTS, TRAIN)
                    .readsCheckpoint(CheckpointSignatures.IMPORT)
                    .answers(CheckpointSignatures.IMPORTED)
                    .writes()
                    .fails(KNOBS)
                    .fails(LAYER_EXISTS, SHAPE_MISMATCH)),
    APPLY_GRADIENTS(
            ofLayer(LAYERS, TRAIN)
                    .reads(OperationBody.JSON, OptimizerSignatures.APPLY_GRADIENTS)
                    .answers(OptimizerSignatures.PARAMETERS, ETAG)
                    .heeds(IF_MATCH, IdempotencyKeys.HEADER)
                    .writes()
                    .fails(CHANGE, KNOBS)
                    .fails(IDEMPOTENCY_KEY_REUSED, SHAPE_MISMATCH, NON_FINITE_RESULT)),
    CONVERT(
            ofLayer(LAYERS, TRAIN)
                    .takes(ConventionSignatures.CONVERT)
                    .answers(ConventionSignatures.CONVERTED, ETAG)
                    .heeds(IF_MATCH)
                    .writes()
                    .fails(VERSION_MISMATCH, INVALID_CONFIG)),
    OPEN_SYNC_GROUP(
            ofLayer(TOGETHER, TRAIN)
                    .reads(OperationBody.JSON, CollectiveSignatures.OPEN_SYNC_GROUP)
                    .creates(CollectiveSignatures.SYNC_GROUP)
                    .fails(COLLECTIVE_LIMIT)),
    SYNC_FORWARD_TRAIN(
            ofLayer(TOGETHER, TRAIN)
                    .reads(OperationBody.TENSORS, CollectiveSignatures.SYNC_FORWARD_TRAIN)
                    .answers(CollectiveSignatures.SYNC_TRAINED, ETAG)
                    .writes()
                    .fails(BATCH, COLLECTIVE)
                    .fails(SYNC_TIMEOUT, INVALID_CONFIG, INVALID_MOMENTS)
                    .fails(CONTEXT_BUDGET, IDEMPOTENCY_KEY_REUSED)),
    SYNC_BACKWARD(
            under(TOGETHER, TRAIN)
                    .reads(OperationBody.TENSORS, CollectiveSignatures.SYNC_BACKWARD)
                    .answers(CollectiveSignatures.SYNC_GRADIENTS)
                    .fails(BATCH, COLLECTIVE)
                    .fails(SYNC_TIMEOUT, CONTEXT_GONE, CONTEXT_BUDGET)),
    OPEN_ACCUMULATION(
            ofLayer(TOGETHER, TRAIN)
                    .creates(CollectiveSignatures.ACCUMULATION)
                    .fails(COLLECTIVE_LIMIT)),
    ADD_TO_ACCUMULATION(
            ofLayer(TOGETHER, TRAIN)
                    .reads(OperationBody.TENSORS, CollectiveSignatures.CHUNK)
                    .answers(CollectiveSignatures.ACCUMULATED)
                    .fails(BATCH, COLLECTIVE)
                    .fails(INVALID_MOMENTS, CONTEXT_BUDGET)),
    FINISH_ACCUMULATION(
            ofLayer(TOGETHER, TRAIN)
                    .reads(OperationBody.JSON, CollectiveSignatures.FINISH)
                    .answers(CollectiveSignatures.FINISHED, ETAG)
                    .heeds(IF_MATCH)
                    .writes()
                    .fails(CHANGE, BATCH, COLLECTIVE, KNOBS)
                    .fails(INVALID_MOMENTS, IDEMPOTENCY_KEY_REUSED)),
    ABANDON_ACCUMULATION(under(TOGETHER, TRAIN).fails(COLLECTIVE)),
    MERGE_STATISTICS(
            under(TOGETHER, INFER)
                    .reads(OperationBody.JSON, CollectiveSignatures.MERGE)
                    .answers(CollectiveSignatures.MERGED)
                    .fails(SHAPE_MISMATCH, INVALID_MOMENTS, NON_FINITE_RESULT)),
    INSTALL_STATISTICS(
            ofLayer(TOGETHER, TRAIN)
                    .reads(OperationBody.JSON, CollectiveSignatures.STATISTICS)
                    .answers(LayerSignatures.LAYER, ETAG)
                    .heeds(IF_MATCH)
                    .writes()
                    .fails(CHANGE, KNOBS)
                    .fails(SHAPE_MISMATCH, INVALID_MOMENTS, NON_FINITE_RESULT)),
    TAKE_SNAPSHOT(
            ofLayer(SNAPSHOTS, TRAIN)
                    .reads(OperationBody.JSON, SnapshotSignatures.TAKE)
                    .creates(SnapshotSignatures.SNAPSHOT_SUMMARY, "Location")
                    .writes()
                    .fails(SNAPSHOT_LIMIT)),
    LIST_SNAPSHOTS(ofLayer(SNAPSHOTS, INFER).answers(SnapshotSignatures.SNAPSHOT_LIST)),
    GET_SNAPSHOT(
            ofLayer(SNAPSHOTS, INFER)
                    .answers(SnapshotSignatures.SNAPSHOT)
                    .fails(SNAPSHOT_NOT_FOUND)),
    COMPARE_SNAPSHOTS(
            ofLayer(SNAPSHOTS, INFER)
                    .answers(SnapshotSignatures.COMPARISON)
                    .fails(SNAPSHOT_NOT_FOUND)),
    RESTORE_SNAPSHOT(
            ofLayer(SNAPSHOTS, TRAIN)
                    .answers(LayerSignatures.LAYER, ETAG)
                    .heeds(IF_MATCH)
                    .writes()
                    .fails(SNAPSHOT_NOT_FOUND, VERSION_MISMATCH)),
    DELETE_SNAPSHOT(ofLayer(SNAPSHOTS, ADMIN).writes().fails(SNAPSHOT_NOT_FOUND)),
    LIST_CONVENTIONS(under(CONVENTIONS, INFER).answers(ConventionSignatures.CONVENTIONS));

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

    OperationBody body() {
        return facts.body();
    }

    boolean readsBody() {
        return body() != OperationBody.NONE && body() != OperationBody.QUERY;
    }

    /// What kind of body its answer is.
    OperationBody answerBody() {
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
