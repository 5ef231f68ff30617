package batchnorm.web;

import static batchnorm.codec.Signature.integer;
import static batchnorm.codec.Signature.list;
import static batchnorm.codec.Signature.number;
import static batchnorm.codec.Signature.object;
import static batchnorm.codec.Signature.text;
import static batchnorm.codec.Signature.vector;

import batchnorm.codec.Signature;
import batchnorm.codec.Signature.Field;

/// The fields of snapshots and of their comparison.
final class SnapshotSignatures {
    private SnapshotSignatures() {}

    private static final Field LABEL = text("label").longest(SnapshotMessages.MAX_LABEL).orNull();

    static final Signature TAKE = Signature.named("TakeSnapshotRequest", LABEL);

    static final Signature SNAPSHOT_SUMMARY =
            Signature.response(
                    "SnapshotSummary",
                    integer("id").from(1),
                    LABEL,
                    text("taken_at"),
                    LayerSignatures.VERSION,
                    LayerSignatures.FEATURES,
                    LayerSignatures.BATCHES);

    static final Signature SNAPSHOT_LIST =
            Signature.response("SnapshotList", list("snapshots", SNAPSHOT_SUMMARY));

    static final Signature SNAPSHOT =
            SNAPSHOT_SUMMARY.and(
                    "Snapshot",
                    object("config", LayerSignatures.CONFIG),
                    vector("gamma").orNull(),
                    vector("beta").orNull(),
                    vector("running_mean").orNull(),
                    vector("running_var").orNull());

    static final Signature COMPARISON =
            Signature.response(
                    "Comparison",
                    text("from"),
                    text("to"),
                    list(
                            "vectors",
                            Signature.response(
                                    "VectorDifference",
                                    text("vector"),
                                    number("max_difference"),
                                    integer("channel").from(0))),
                    list(
                            "knobs",
                            Signature.response(
                                    "KnobDifference", text("knob"), text("from"), text("to"))));
}
