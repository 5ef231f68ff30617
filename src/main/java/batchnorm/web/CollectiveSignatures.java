package batchnorm.web;

import static batchnorm.codec.Signature.bool;
import static batchnorm.codec.Signature.integer;
import static batchnorm.codec.Signature.list;
import static batchnorm.codec.Signature.number;
import static batchnorm.codec.Signature.tensor;
import static batchnorm.codec.Signature.text;
import static batchnorm.codec.Signature.vector;

import batchnorm.codec.Signature;
import java.util.List;

/// The fields of requests and answers about batches that come in parts.
final class CollectiveSignatures {
    private CollectiveSignatures() {}

    static final Signature NEW_SYNC_GROUP =
            Signature.named("NewSyncGroup", integer("size").needed(), number("timeout_seconds"));

    static final Signature SYNC_GROUP =
            Signature.named(
                    "SyncGroup",
                    text("group_id"),
                    text("layer"),
                    integer("size"),
                    number("timeout_seconds"));

    static final Signature SYNC_FORWARD_TRAIN =
            Signature.named(
                    "SyncForwardTrainRequest",
                    tensor("input"),
                    integer("rank").needed(),
                    integer("step").needed(),
                    bool("save_context"),
                    bool("return_statistics"),
                    integer("count"),
                    vector("mean"),
                    vector("m2"));

    static final Signature SYNC_TRAINED =
            Signature.named(
                    "SyncForwardTrainAnswer",
                    tensor("output"),
                    integer("step"),
                    vector("batch_mean").orNull(),
                    vector("batch_var").orNull(),
                    integer("count"),
                    vector("running_mean").orNull(),
                    vector("running_var").orNull(),
                    integer("num_batches_tracked"),
                    number("alpha").orNull(),
                    integer("version"));

    static final Signature SYNC_BACKWARD =
            Signature.named(
                    "SyncBackwardRequest",
                    tensor("grad_output"),
                    integer("rank").needed(),
                    integer("step").needed(),
                    vector("sum_dy"),
                    vector("sum_dy_xmu"));

    static final Signature SYNC_GRADIENTS =
            Signature.named(
                    "SyncGradients",
                    tensor("grad_input"),
                    vector("grad_gamma").orNull(),
                    vector("grad_beta").orNull(),
                    vector("sum_dy"),
                    vector("sum_dy_xmu"),
                    integer("count"));

    static final Signature ACCUMULATION =
            Signature.named("Accumulation", text("accumulation_id"), text("layer"));

    static final Signature CHUNK =
            Signature.named(
                    "Chunk",
                    tensor("input"),
                    integer("chunk"),
                    integer("count"),
                    vector("mean"),
                    vector("m2"));

    static final Signature ACCUMULATED =
            Signature.named("Accumulated", integer("chunks"), integer("count"));

    static final Signature FINISH =
            Signature.named(
                    "FinishRequest", text("apply").oneOf(List.of("step", "install")).needed());

    static final Signature FINISHED =
            Signature.named(
                    "FinishAnswer",
                    vector("batch_mean").orNull(),
                    vector("batch_var").orNull(),
                    integer("count"),
                    vector("running_mean").orNull(),
                    vector("running_var").orNull(),
                    integer("num_batches_tracked"),
                    number("alpha").orNull(),
                    integer("version"));

    static final Signature MOMENTS =
            Signature.named(
                    "Moments",
                    integer("count").needed(),
                    vector("mean").needed(),
                    vector("m2").needed());

    static final Signature MERGE = Signature.named("MergeRequest", list("parts", MOMENTS).needed());

    static final Signature MERGED =
            Signature.named(
                    "MergeAnswer", integer("count"), vector("mean"), vector("m2"), vector("var"));

    static final Signature STATISTICS =
            Signature.named(
                    "StatisticsRequest",
                    text("mode").oneOf(List.of("install", "merge")),
                    integer("count").needed(),
                    vector("mean").needed(),
                    vector("m2"),
                    vector("var"),
                    integer("running_count"),
                    integer("num_batches_tracked"));
}
