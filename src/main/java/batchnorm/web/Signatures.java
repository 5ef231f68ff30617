package batchnorm.web;

import static batchnorm.codec.Signature.bool;
import static batchnorm.codec.Signature.integer;
import static batchnorm.codec.Signature.list;
import static batchnorm.codec.Signature.number;
import static batchnorm.codec.Signature.object;
import static batchnorm.codec.Signature.tensor;
import static batchnorm.codec.Signature.text;
import static batchnorm.codec.Signature.vector;

import batchnorm.codec.Signature;

/// The fields of every request and answer. Parsing, the sentences that refuse a field, and the
/// OpenAPI schemas all come from here.
final class Signatures {
    private Signatures() {}

    static final Signature NEW_LAYER =
            Signature.of(
                    text("name"),
                    text("convention"),
                    integer("features").orNull(),
                    number("epsilon"),
                    number("momentum").orNull(),
                    text("momentum_meaning"),
                    text("running_variance"),
                    text("scope"),
                    integer("channel_axis"),
                    bool("scale"),
                    bool("shift"),
                    bool("track_running_stats"),
                    text("single_value"),
                    text("non_finite"),
                    vector("gamma").orNull(),
                    vector("beta").orNull(),
                    vector("running_mean").orNull(),
                    vector("running_var").orNull(),
                    integer("num_batches_tracked"));

    static final Signature PATCH =
            Signature.of(
                    vector("gamma").orNull(),
                    vector("beta").orNull(),
                    vector("running_mean").orNull(),
                    vector("running_var").orNull(),
                    integer("num_batches_tracked"),
                    number("epsilon"),
                    number("momentum").orNull(),
                    text("momentum_meaning"),
                    text("running_variance"),
                    integer("channel_axis"),
                    text("single_value"),
                    text("non_finite"));

    static final Signature CONFIG =
            Signature.of(
                    text("convention"),
                    number("epsilon"),
                    number("momentum").orNull(),
                    text("momentum_meaning"),
                    number("alpha").orNull(),
                    text("running_variance"),
                    number("initial_running_var"),
                    text("scope"),
                    integer("channel_axis"),
                    bool("scale"),
                    bool("shift"),
                    bool("track_running_stats"),
                    text("single_value"),
                    text("non_finite"));

    static final Signature LAYER =
            Signature.of(
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
            Signature.of(
                    text("name"),
                    text("convention"),
                    integer("features").orNull(),
                    integer("num_batches_tracked"),
                    integer("version"),
                    text("updated_at"));

    static final Signature LAYER_LIST =
            Signature.of(list("layers", LAYER_SUMMARY), text("next").orNull());

    static final Signature FORWARD_TRAIN =
            Signature.of(tensor("input"), bool("save_context"), bool("return_statistics"));

    static final Signature TRAINED =
            Signature.of(
                    tensor("output"),
                    text("context_id").orNull(),
                    vector("batch_mean").orNull(),
                    vector("batch_var").orNull(),
                    integer("count"),
                    vector("running_mean").orNull(),
                    vector("running_var").orNull(),
                    integer("num_batches_tracked"),
                    number("alpha").orNull(),
                    integer("version"));

    static final Signature FORWARD_INFER = Signature.of(tensor("input"), bool("save_context"));

    static final Signature INFERRED =
            Signature.of(tensor("output"), integer("version"), text("context_id"));

    /// The gradient comes first: a bare array is the gradient of a context.
    static final Signature BACKWARD =
            Signature.of(
                    tensor("grad_output"),
                    text("context_id"),
                    tensor("input"),
                    text("mode"),
                    vector("batch_mean"),
                    vector("batch_var"));

    static final Signature GRADIENTS =
            Signature.of(
                    tensor("grad_input"),
                    vector("grad_gamma").orNull(),
                    vector("grad_beta").orNull());

    static final Signature CONVENTION = CONFIG.and(text("from"));

    static final Signature CONVENTIONS = Signature.of(list("conventions", CONVENTION));

    static final Signature PROBLEM =
            Signature.of(
                    text("type"),
                    text("title"),
                    integer("status"),
                    text("detail"),
                    text("instance"),
                    text("field"),
                    text("offset"),
                    text("id"));
}
