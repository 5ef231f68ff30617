package batchnorm.web;

import static batchnorm.codec.Signature.bool;
import static batchnorm.codec.Signature.mask;
import static batchnorm.codec.Signature.number;
import static batchnorm.codec.Signature.tensor;
import static batchnorm.codec.Signature.text;
import static batchnorm.codec.Signature.vector;

import batchnorm.codec.Signature;
import batchnorm.codec.Signature.Field;
import java.util.List;

/// The fields of forward and backward passes.
final class PassSignatures {
    private PassSignatures() {}

    /// One for each sample.
    private static final Field WEIGHTS = vector("weights").from(0);

    static final Field ALPHA = number("alpha").from(0).upTo(1).orNull();

    static final Signature FORWARD_TRAIN =
            Signature.named(
                    "ForwardTrainRequest",
                    tensor("input").needed(),
                    mask("mask"),
                    WEIGHTS,
                    bool("save_context"),
                    bool("return_statistics"),
                    bool("commit"));

    static final Signature TRAINED =
            Signature.response(
                    "ForwardTrainAnswer",
                    tensor("output"),
                    text("context_id").orNull(),
                    vector("batch_mean").orNull().sometimes(),
                    vector("batch_var").orNull().sometimes(),
                    number("count").from(0).sometimes(),
                    vector("virtual_counts").from(0).sometimes(),
                    tensor("virtual_batch_mean").sometimes(),
                    tensor("virtual_batch_var").sometimes(),
                    vector("running_mean").orNull().sometimes(),
                    vector("running_var").orNull().sometimes(),
                    LayerSignatures.BATCHES.sometimes(),
                    ALPHA,
                    LayerSignatures.VERSION);

    static final Signature FORWARD_INFER =
            Signature.named(
                    "ForwardInferRequest",
                    tensor("input").needed(),
                    bool("save_context"),
                    LayerSignatures.BLEND);

    static final Signature INFERRED =
            Signature.response(
                    "ForwardInferAnswer",
                    tensor("output"),
                    LayerSignatures.VERSION,
                    text("context_id").sometimes());

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
                    WEIGHTS,
                    LayerSignatures.BLEND);

    static final Signature GRADIENTS =
            Signature.response(
                    "Gradients",
                    tensor("grad_input"),
                    vector("grad_gamma").orNull(),
                    vector("grad_beta").orNull());
}
