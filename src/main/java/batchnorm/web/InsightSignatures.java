package batchnorm.web;

import static batchnorm.codec.Signature.bool;
import static batchnorm.codec.Signature.integer;
import static batchnorm.codec.Signature.integers;
import static batchnorm.codec.Signature.list;
import static batchnorm.codec.Signature.number;
import static batchnorm.codec.Signature.object;
import static batchnorm.codec.Signature.tensor;
import static batchnorm.codec.Signature.text;
import static batchnorm.codec.Signature.texts;

import batchnorm.codec.Signature;
import java.util.List;

/// The fields of what looks into a layer.
final class InsightSignatures {
    private InsightSignatures() {}

    static final Signature HEALTH =
            Signature.response(
                    "Health",
                    LayerSignatures.NAME,
                    LayerSignatures.VERSION,
                    LayerSignatures.BATCHES,
                    bool("never_trained"),
                    number("update_weight_sum").orNull(),
                    number("initial_value_share").orNull(),
                    object(
                                    "smallest_variance",
                                    Signature.response(
                                            "ChannelValue",
                                            integer("channel").from(0),
                                            number("value")))
                            .orNull(),
                    object(
                                    "mean_to_std",
                                    Signature.response(
                                            "MeanToStd",
                                            integer("channel").from(0),
                                            number("value"),
                                            number("fp32_digits_lost")))
                            .orNull(),
                    object(
                                    "drift",
                                    Signature.response(
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
            Signature.response(
                    "Explanation",
                    list(
                            "steps",
                            Signature.response(
                                    "Step", text("name"), text("formula"), tensor("value"))));

    static final Signature GRADIENT_CHECK =
            Signature.named(
                    "GradientCheckRequest",
                    tensor("input").needed(),
                    tensor("grad_output"),
                    text("mode").oneOf(List.of("train", "infer")));

    static final Signature GRADIENTS_CHECKED =
            Signature.response(
                    "GradientCheck",
                    number("max_relative_error"),
                    object(
                                    "worst",
                                    Signature.response(
                                            "Difference",
                                            text("tensor"),
                                            integers("index").from(0),
                                            number("analytic"),
                                            number("numeric")))
                            .orNull(),
                    list(
                            "tensors",
                            Signature.response(
                                    "TensorError",
                                    text("tensor"),
                                    number("max_relative_error"),
                                    integer("checked"),
                                    integer("elements"))),
                    number("step"));
}
