package batchnorm.web;

import static batchnorm.codec.Signature.integer;
import static batchnorm.codec.Signature.list;
import static batchnorm.codec.Signature.number;
import static batchnorm.codec.Signature.object;
import static batchnorm.codec.Signature.text;
import static batchnorm.codec.Signature.vector;

import batchnorm.codec.Signature;

/// The fields of snapshots and of their comparison.
final class SnapshotSignatures {
    private SnapshotSignatures() {}

    static final Signature NEW_SNAPSHOT = Signature.named("NewSnapshot", text("label").orNull());

    static final Signature SNAPSHOT_SUMMARY =
            Signature.named(
                    "SnapshotSummary",
                    integer("id"),
                    text("label").orNull(),
                    text("taken_at"),
                    integer("version"),
                    integer("features").orNull(),
                    integer("num_batches_tracked"));

    static final Signature SNAPSHOT_LIST =
            Signature.named("SnapshotList", list("snapshots", SNAPSHOT_SUMMARY));

    static final Signature SNAPSHOT =
            SNAPSHOT_SUMMARY.and(
                    "Snapshot",
                    object("config", LayerSignatures.CONFIG),
                    vector("gamma").orNull(),
                    vector("beta").orNull(),
                    vector("running_mean").orNull(),
                    vector("running_var").orNull());

    static final Signature COMPARISON =
            Signature.named(
                    "Comparison",
                    text("from"),
                    text("to"),
                    list(
                            "vectors",
                            Signature.named(
                                    "VectorDifference",
                                    text("vector"),
                                    number("max_difference"),
                                    integer("channel"))),
                    list(
                            "knobs",
                            Signature.named(
                                    "KnobDifference", text("knob"), text("from"), text("to"))));
}
