package batchnorm.web;

import static batchnorm.codec.Signature.bool;
import static batchnorm.codec.Signature.integer;
import static batchnorm.codec.Signature.list;
import static batchnorm.codec.Signature.number;
import static batchnorm.codec.Signature.tensor;
import static batchnorm.codec.Signature.text;
import static batchnorm.codec.Signature.vector;

import batchnorm.codec.Signature;
import batchnorm.codec.Signature.Field;
import batchnorm.collective.SyncGroups;
import batchnorm.normalization.Moments;
import java.util.List;

/// The fields of requests and answers about batches that come in parts.
final class CollectiveSignatures {
    private CollectiveSignatures() {}

    private static final Field SIZE = integer("size").from(1).upTo(SyncGroups.MAX_SIZE);
    private static final Field TIMEOUT =
            number("timeout_seconds").above(0).upTo((double) SyncGroups.MAX_TIMEOUT.toSeconds());
    private static final Field RANK = integer("rank").from(0).upTo(SyncGroups.MAX_SIZE - 1);
    private static final Field COUNT = integer("count").from(0).upTo(Moments.MAX_COUNT);

    static final Signature OPEN_SYNC_GROUP =
            Signature.named("OpenSyncGroupRequest", SIZE.needed(), TIMEOUT);

    static final Signature SYNC_GROUP =
            Signature.response("SyncGroup", text("group_id"), text("layer"), SIZE, TIMEOUT);

    static final Signature SYNC_FORWARD_TRAIN =
            Signature.named(
                    "SyncForwardTrainRequest",
                    tensor("input"),
                    RANK.needed(),
                    integer("step").needed(),
                    bool("save_context"),
                    bool("return_statistics"),
                    COUNT,
                    vector("mean"),
                    vector("m2"));

    static final Signature SYNC_TRAINED =
            Signature.response(
                    "SyncForwardTrainAnswer",
                    tensor("output").sometimes(),
                    integer("step"),
                    vector("batch_mean").orNull().sometimes(),
                    vector("batch_var").orNull().sometimes(),
                    COUNT.sometimes(),
                    vector("running_mean").orNull().sometimes(),
                    vector("running_var").orNull().sometimes(),
                    LayerSignatures.BATCHES.sometimes(),
                    PassSignatures.ALPHA,
                    LayerSignatures.VERSION);

    static final Signature SYNC_BACKWARD =
            Signature.named(
                    "SyncBackwardRequest",
                    tensor("grad_output"),
                    RANK.needed(),
                    integer("step").needed(),
                    vector("sum_dy"),
                    vector("sum_dy_xmu"));

    static final Signature SYNC_GRADIENTS =
            Signature.response(
                    "SyncGradients",
                    tensor("grad_input").sometimes(),
                    vector("grad_gamma").orNull(),
                    vector("grad_beta").orNull(),
                    vector("sum_dy"),
                    vector("sum_dy_xmu"),
                    COUNT);

    static final Signature ACCUMULATION =
            Signature.response("Accumulation", text("accumulation_id"), text("layer"));

    static final Signature CHUNK =
            Signature.named(
                    "Chunk",
                    tensor("input"),
                    integer("chunk").from(0),
                    COUNT,
                    vector("mean"),
                    vector("m2"));

    static final Signature ACCUMULATED =
            Signature.response("Accumulated", integer("chunks").from(0), COUNT);

    static final Signature FINISH =
            Signature.named(
                    "FinishRequest", text("apply").oneOf(List.of("step", "install")).needed());

    static final Signature FINISHED =
            Signature.response(
                    "FinishAnswer",
                    vector("batch_mean").orNull(),
                    vector("batch_var").orNull(),
                    COUNT,
                    vector("running_mean").orNull(),
                    vector("running_var").orNull(),
                    LayerSignatures.BATCHES,
                    PassSignatures.ALPHA,
                    LayerSignatures.VERSION);

    static final Signature MOMENTS =
            Signature.named(
                    "Moments", COUNT.needed(), vector("mean").needed(), vector("m2").needed());

    static final Signature MERGE = Signature.named("MergeRequest", list("parts", MOMENTS).needed());

    static final Signature MERGED =
            Signature.response("MergeAnswer", COUNT, vector("mean"), vector("m2"), vector("var"));

    static final Signature STATISTICS =
            Signature.named(
                    "StatisticsRequest",
                    text("mode").oneOf(List.of("install", "merge")),
                    COUNT.needed(),
                    vector("mean").needed(),
                    vector("m2"),
                    vector("var"),
                    integer("running_count").from(0).upTo(Moments.MAX_COUNT),
                    LayerSignatures.BATCHES);
}
