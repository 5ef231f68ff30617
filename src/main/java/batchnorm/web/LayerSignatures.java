package batchnorm.web;

import static batchnorm.codec.Signature.bool;
import static batchnorm.codec.Signature.integer;
import static batchnorm.codec.Signature.list;
import static batchnorm.codec.Signature.number;
import static batchnorm.codec.Signature.object;
import static batchnorm.codec.Signature.text;
import static batchnorm.codec.Signature.vector;

import batchnorm.codec.Signature;
import batchnorm.codec.Signature.Field;
import batchnorm.normalization.Convention;
import java.util.Arrays;
import java.util.List;

/// The fields of layers and of what makes and changes them.
final class LayerSignatures {
    private LayerSignatures() {}

    /// The conventions by name.
    static final List<String> CONVENTIONS =
            Arrays.stream(Convention.values()).map(Convention::word).toList();

    private static final Field MOMENTUM_MEANING =
            text("momentum_meaning").oneOf(List.of("new_weight", "old_weight"));

    private static final Field RUNNING_VARIANCE =
            text("running_variance").oneOf(List.of("biased", "unbiased"));

    /// Knobs that a layer is made with, shows, and can be patched.
    private static final Field[] KNOBS = {
        text("single_value").oneOf(List.of("reject", "zero_variance")),
        text("non_finite").oneOf(List.of("reject", "propagate")),
        bool("freeze_statistics"),
        bool("freeze_parameters"),
        number("statistics_blend"),
        integer("virtual_batch_size").orNull(),
        number("r_max").orNull(),
        number("d_max").orNull()
    };

    static final Signature PATCH =
            Signature.of(
                            vector("gamma").orNull(),
                            vector("beta").orNull(),
                            vector("running_mean").orNull(),
                            vector("running_var").orNull(),
                            integer("num_batches_tracked"),
                            number("epsilon"),
                            number("momentum").orNull(),
                            MOMENTUM_MEANING,
                            RUNNING_VARIANCE,
                            integer("channel_axis"))
                    .and("LayerPatch", KNOBS);

    static final Signature CONFIG =
            Signature.of(
                            text("convention").oneOf(CONVENTIONS),
                            number("epsilon"),
                            number("momentum").orNull(),
                            MOMENTUM_MEANING,
                            number("alpha").orNull(),
                            RUNNING_VARIANCE,
                            number("initial_running_var"),
                            text("scope").oneOf(List.of("spatial", "per_activation")),
                            integer("channel_axis"),
                            bool("scale"),
                            bool("shift"),
                            bool("track_running_stats"))
                    .and("Config", KNOBS);

    /// Everything that a layer says of itself is taken back: an export is an import.
    static final Signature NEW_LAYER =
            Signature.of(
                            text("name").needed(),
                            text("convention").oneOf(CONVENTIONS),
                            integer("features").orNull(),
                            number("epsilon"),
                            number("momentum").orNull(),
                            MOMENTUM_MEANING,
                            RUNNING_VARIANCE,
                            text("scope").oneOf(List.of("spatial", "per_activation")),
                            integer("channel_axis"),
                            bool("scale"),
                            bool("shift"),
                            bool("track_running_stats"))
                    .and("", KNOBS)
                    .and(
                            "NewLayer",
                            vector("gamma").orNull(),
                            vector("beta").orNull(),
                            vector("running_mean").orNull(),
                            vector("running_var").orNull(),
                            integer("num_batches_tracked"),
                            object("config", CONFIG),
                            integer("version"),
                            text("created_at"),
                            text("updated_at"));

    static final Signature LAYER =
            Signature.named(
                    "Layer",
                    text("name"),
                    integer("version"),
                    text("created_at"),
                    text("updated_at"),
                    object("config", CONFIG),
                    integer("features").orNull(),
                    vector("gamma").orNull(),
                    vector("beta").orNull(),
                    vector("running_mean").orNull(),
                    vector("running_var").orNull(),
                    integer("num_batches_tracked"));

    static final Signature LAYER_SUMMARY =
            Signature.named(
                    "LayerSummary",
                    text("name"),
                    text("convention").oneOf(CONVENTIONS),
                    integer("features").orNull(),
                    integer("num_batches_tracked"),
                    integer("version"),
                    text("updated_at"));

    static final Signature LAYER_LIST =
            Signature.named("LayerPage", list("layers", LAYER_SUMMARY), text("next").orNull());
}
