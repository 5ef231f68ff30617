package batchnorm.web;

import static batchnorm.codec.Signature.bool;
import static batchnorm.codec.Signature.integer;
import static batchnorm.codec.Signature.list;
import static batchnorm.codec.Signature.number;
import static batchnorm.codec.Signature.object;
import static batchnorm.codec.Signature.tensor;
import static batchnorm.codec.Signature.text;
import static batchnorm.codec.Signature.texts;
import static batchnorm.codec.Signature.vector;

import batchnorm.codec.Signature;
import java.util.List;

/// The fields of what looks into a layer.
final class InsightSignatures {
    private InsightSignatures() {}

    static final Signature HEALTH =
            Signature.named(
                    "Health",
                    text("name"),
                    integer("version"),
                    integer("num_batches_tracked"),
                    bool("never_trained"),
                    number("update_weight_sum").orNull(),
                    number("initial_value_share").orNull(),
                    object(
                                    "smallest_variance",
                                    Signature.named(
                                            "ChannelValue", integer("channel"), number("value")))
                            .orNull(),
                    object(
                                    "mean_to_std",
                                    Signature.named(
                                            "MeanToStd",
                                            integer("channel"),
                                            number("value"),
                                            number("fp32_digits_lost")))
                            .orNull(),
                    object(
                                    "drift",
                                    Signature.named(
                                            "Drift",
                                            integer("batches"),
                                            number("last"),
                                            number("mean"),
                                            number("largest")))
                            .orNull(),
                    texts("warnings"));

    static final Signature EXPLAIN =
            Signature.named(
                    "ExplainRequest",
                    tensor("input").needed(),
                    tensor("grad_output"),
                    text("mode").oneOf(List.of("train", "infer")));

    static final Signature EXPLANATION =
            Signature.named(
                    "Explanation",
                    list(
                            "steps",
                            Signature.named(
                                    "Step", text("name"), text("formula"), tensor("value"))));

    static final Signature GRADIENT_CHECK =
            Signature.named(
                    "GradientCheckRequest",
                    tensor("input").needed(),
                    tensor("grad_output"),
                    text("mode").oneOf(List.of("train", "infer")));

    static final Signature GRADIENTS_CHECKED =
            Signature.named(
                    "GradientCheck",
                    number("max_relative_error"),
                    object(
                                    "worst",
                                    Signature.named(
                                            "Difference",
                                            text("tensor"),
                                            vector("index"),
                                            number("analytic"),
                                            number("numeric")))
                            .orNull(),
                    list(
                            "tensors",
                            Signature.named(
                                    "TensorError",
                                    text("tensor"),
                                    number("max_relative_error"),
                                    integer("checked"),
                                    integer("elements"))),
                    number("step"));
}
