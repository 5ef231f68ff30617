package batchnorm.web;

import static batchnorm.codec.Signature.bool;
import static batchnorm.codec.Signature.integer;
import static batchnorm.codec.Signature.number;
import static batchnorm.codec.Signature.object;
import static batchnorm.codec.Signature.text;
import static batchnorm.codec.Signature.texts;

import batchnorm.codec.Signature;

/// The fields of what looks into a layer; the others are in [Signatures].
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
}
