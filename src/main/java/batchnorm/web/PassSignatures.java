package batchnorm.web;

import static batchnorm.codec.Signature.bool;
import static batchnorm.codec.Signature.integer;
import static batchnorm.codec.Signature.mask;
import static batchnorm.codec.Signature.number;
import static batchnorm.codec.Signature.tensor;
import static batchnorm.codec.Signature.text;
import static batchnorm.codec.Signature.vector;

import batchnorm.codec.Signature;
import java.util.List;

/// The fields of forward and backward passes.
final class PassSignatures {
    private PassSignatures() {}

    static final Signature FORWARD_TRAIN =
            Signature.named(
                    "ForwardTrainRequest",
                    tensor("input").needed(),
                    mask("mask"),
                    vector("weights"),
                    bool("save_context"),
                    bool("return_statistics"),
                    bool("commit"));

    static final Signature TRAINED =
            Signature.named(
                    "ForwardTrainAnswer",
                    tensor("output"),
                    text("context_id").orNull(),
                    vector("batch_mean").orNull(),
                    vector("batch_var").orNull(),
                    number("count"),
                    vector("virtual_counts"),
                    tensor("virtual_batch_mean"),
                    tensor("virtual_batch_var"),
                    vector("running_mean").orNull(),
                    vector("running_var").orNull(),
                    integer("num_batches_tracked"),
                    number("alpha").orNull(),
                    integer("version"));

    static final Signature FORWARD_INFER =
            Signature.named(
                    "ForwardInferRequest",
                    tensor("input").needed(),
                    bool("save_context"),
                    number("statistics_blend"));

    static final Signature INFERRED =
            Signature.named(
                    "ForwardInferAnswer", tensor("output"), integer("version"), text("context_id"));

    /// The gradient comes first: a bare array is the gradient of a context.
    static final Signature BACKWARD =
            Signature.named(
                    "BackwardRequest",
                    tensor("grad_output").needed(),
                    text("context_id"),
                    tensor("input"),
                    text("mode").oneOf(List.of("train", "infer")),
                    vector("batch_mean"),
                    vector("batch_var"),
                    mask("mask"),
                    vector("weights"),
                    number("statistics_blend"));

    static final Signature GRADIENTS =
            Signature.named(
                    "Gradients",
                    tensor("grad_input"),
                    vector("grad_gamma").orNull(),
                    vector("grad_beta").orNull());
}
