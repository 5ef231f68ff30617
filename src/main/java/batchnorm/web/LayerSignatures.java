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
import batchnorm.layer.LayerName;
import batchnorm.normalization.Convention;
import batchnorm.tensor.Shape;
import java.util.Arrays;
import java.util.List;

/// The fields of layers and of what makes and changes them.
final class LayerSignatures {
    private LayerSignatures() {}

    /// The conventions by name.
    static final List<String> CONVENTIONS =
            Arrays.stream(Convention.values()).map(Convention::word).toList();

    static final Field NAME = text("name").matching(LayerName.PATTERN);
    static final Field EPSILON = number("epsilon").from(0);
    static final Field MOMENTUM = number("momentum").from(0).upTo(1).orNull();
    static final Field BLEND = number("statistics_blend").from(0).upTo(1);
    static final Field FEATURES = integer("features").from(1).orNull();
    static final Field BATCHES = integer("num_batches_tracked").from(0);
    static final Field VERSION = integer("version").from(1);

    private static final Field AXIS =
            integer("channel_axis").from(-Shape.MAX_RANK).upTo(Shape.MAX_RANK);

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
        BLEND,
        integer("virtual_batch_size").from(1).orNull(),
        number("r_max").from(1).orNull(),
        number("d_max").from(0).orNull()
    };

    static final Signature PATCH =
            Signature.patch(
                            "",
                            vector("gamma").orNull(),
                            vector("beta").orNull(),
                            vector("running_mean").orNull(),
                            vector("running_var").orNull(),
                            BATCHES,
                            EPSILON,
                            MOMENTUM,
                            MOMENTUM_MEANING,
                            RUNNING_VARIANCE,
                            AXIS)
                    .and("LayerPatch", KNOBS);

    static final Signature CONFIG =
            Signature.response(
                            "",
                            text("convention").oneOf(CONVENTIONS),
                            EPSILON,
                            MOMENTUM,
                            MOMENTUM_MEANING,
                            number("alpha").orNull(),
                            RUNNING_VARIANCE,
                            number("initial_running_var"),
                            text("scope").oneOf(List.of("spatial", "per_activation")),
                            AXIS,
                            bool("scale"),
                            bool("shift"),
                            bool("track_running_stats"))
                    .and("Config", KNOBS);

    /// Everything that a layer says of itself is taken back: an export is an import.
    static final Signature CREATE =
            Signature.of(
                            NAME.needed(),
                            text("convention").oneOf(CONVENTIONS),
                            FEATURES,
                            EPSILON,
                            MOMENTUM,
                            MOMENTUM_MEANING,
                            RUNNING_VARIANCE,
                            text("scope").oneOf(List.of("spatial", "per_activation")),
                            AXIS,
                            bool("scale"),
                            bool("shift"),
                            bool("track_running_stats"))
                    .and("", KNOBS)
                    .and(
                            "CreateLayerRequest",
                            vector("gamma").orNull(),
                            vector("beta").orNull(),
                            vector("running_mean").orNull(),
                            vector("running_var").orNull(),
                            BATCHES,
                            object("config", CONFIG),
                            VERSION,
                            text("created_at"),
                            text("updated_at"));

    static final Signature LAYER =
            Signature.response(
                    "Layer",
                    NAME,
                    VERSION,
                    text("created_at"),
                    text("updated_at"),
                    object("config", CONFIG),
                    FEATURES,
                    vector("gamma").orNull(),
                    vector("beta").orNull(),
                    vector("running_mean").orNull(),
                    vector("running_var").orNull(),
                    BATCHES);

    static final Signature LAYER_SUMMARY =
            Signature.response(
                    "LayerSummary",
                    NAME,
                    text("convention").oneOf(CONVENTIONS),
                    FEATURES,
                    BATCHES,
                    VERSION,
                    text("updated_at"));

    /// Layers that one page may hold.
    static final int MAX_PAGE = 1000;

    static final Signature PAGE =
            Signature.named(
                    "LayerPageRequest",
                    integer("limit").from(1).upTo(MAX_PAGE),
                    text("after").matching(LayerName.PATTERN));

    static final Signature LAYER_LIST =
            Signature.response("LayerPage", list("layers", LAYER_SUMMARY), text("next").orNull());
}
