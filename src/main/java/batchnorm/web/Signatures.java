package batchnorm.web;

import static batchnorm.codec.Signature.bool;
import static batchnorm.codec.Signature.counts;
import static batchnorm.codec.Signature.integer;
import static batchnorm.codec.Signature.list;
import static batchnorm.codec.Signature.mask;
import static batchnorm.codec.Signature.number;
import static batchnorm.codec.Signature.object;
import static batchnorm.codec.Signature.tensor;
import static batchnorm.codec.Signature.text;
import static batchnorm.codec.Signature.vector;

import batchnorm.checkpoint.Framework;
import batchnorm.codec.Signature;
import batchnorm.codec.Signature.Field;
import batchnorm.normalization.Convention;
import java.util.Arrays;
import java.util.List;

/// The fields of every request and answer. Parsing, the sentences that refuse a field, and the
/// OpenAPI schemas all come from here.
final class Signatures {
    private static final List<String> CONVENTION_WORDS =
            Arrays.stream(Convention.values()).map(Convention::word).toList();

    private Signatures() {}

    static final Signature PATCH =
            Signature.named(
                    "LayerPatch",
                    vector("gamma").orNull(),
                    vector("beta").orNull(),
                    vector("running_mean").orNull(),
                    vector("running_var").orNull(),
                    integer("num_batches_tracked"),
                    number("epsilon"),
                    number("momentum").orNull(),
                    text("momentum_meaning").oneOf(List.of("new_weight", "old_weight")),
                    text("running_variance").oneOf(List.of("biased", "unbiased")),
                    integer("channel_axis"),
                    text("single_value").oneOf(List.of("reject", "zero_variance")),
                    text("non_finite").oneOf(List.of("reject", "propagate")),
                    bool("freeze_statistics"),
                    bool("freeze_parameters"),
                    number("statistics_blend"),
                    integer("virtual_batch_size").orNull(),
                    number("r_max").orNull(),
                    number("d_max").orNull());

    static final Signature CONFIG =
            Signature.named(
                    "Config",
                    text("convention").oneOf(CONVENTION_WORDS),
                    number("epsilon"),
                    number("momentum").orNull(),
                    text("momentum_meaning").oneOf(List.of("new_weight", "old_weight")),
                    number("alpha").orNull(),
                    text("running_variance").oneOf(List.of("biased", "unbiased")),
                    number("initial_running_var"),
                    text("scope").oneOf(List.of("spatial", "per_activation")),
                    integer("channel_axis"),
                    bool("scale"),
                    bool("shift"),
                    bool("track_running_stats"),
                    text("single_value").oneOf(List.of("reject", "zero_variance")),
                    text("non_finite").oneOf(List.of("reject", "propagate")),
                    bool("freeze_statistics"),
                    bool("freeze_parameters"),
                    number("statistics_blend"),
                    integer("virtual_batch_size").orNull(),
                    number("r_max").orNull(),
                    number("d_max").orNull());

    /// Everything that a layer says of itself is taken back: an export is an import.
    static final Signature NEW_LAYER =
            Signature.named(
                    "NewLayer",
                    text("name").needed(),
                    text("convention").oneOf(CONVENTION_WORDS),
                    integer("features").orNull(),
                    number("epsilon"),
                    number("momentum").orNull(),
                    text("momentum_meaning").oneOf(List.of("new_weight", "old_weight")),
                    text("running_variance").oneOf(List.of("biased", "unbiased")),
                    text("scope").oneOf(List.of("spatial", "per_activation")),
                    integer("channel_axis"),
                    bool("scale"),
                    bool("shift"),
                    bool("track_running_stats"),
                    text("single_value").oneOf(List.of("reject", "zero_variance")),
                    text("non_finite").oneOf(List.of("reject", "propagate")),
                    bool("freeze_statistics"),
                    bool("freeze_parameters"),
                    number("statistics_blend"),
                    integer("virtual_batch_size").orNull(),
                    number("r_max").orNull(),
                    number("d_max").orNull(),
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
                    text("convention").oneOf(CONVENTION_WORDS),
                    integer("features").orNull(),
                    integer("num_batches_tracked"),
                    integer("version"),
                    text("updated_at"));

    static final Signature LAYER_LIST =
            Signature.named("LayerPage", list("layers", LAYER_SUMMARY), text("next").orNull());

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
                    object("config", CONFIG),
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

    static final Signature APPLY_GRADIENTS =
            Signature.named(
                    "ApplyGradientsRequest",
                    vector("grad_gamma").orNull(),
                    vector("grad_beta").orNull(),
                    object(
                                    "optimizer",
                                    Signature.named(
                                            "Optimizer",
                                            text("kind")
                                                    .needed()
                                                    .oneOf(List.of("sgd", "adam", "adamw")),
                                            number("learning_rate").needed(),
                                            number("weight_decay"),
                                            number("momentum"),
                                            number("dampening"),
                                            bool("nesterov"),
                                            number("beta1"),
                                            number("beta2"),
                                            number("epsilon")))
                            .needed(),
                    bool("restart"));

    static final Signature PARAMETERS =
            Signature.named(
                    "Parameters",
                    vector("gamma").orNull(),
                    vector("beta").orNull(),
                    integer("version"));

    static final Signature CONVERT =
            Signature.named(
                    "ConvertRequest", text("to").needed().oneOf(CONVENTION_WORDS), bool("dry_run"));

    static final Signature CONVERTED =
            LAYER.and(
                    "ConvertedLayer",
                    bool("dry_run"),
                    list(
                            "knobs",
                            Signature.named(
                                    "KnobChange",
                                    text("knob"),
                                    text("before"),
                                    text("after"),
                                    text("treatment")
                                            .oneOf(List.of("kept", "re_expressed", "changed")))),
                    list("not_exact", Signature.named("NotExact", text("what"), text("why"))));
    static final Signature CONVENTION = CONFIG.and("Convention", text("from"));

    static final Signature CONVENTIONS =
            Signature.named("Conventions", list("conventions", CONVENTION));

    static final Signature AFFINE =
            Signature.named("Affine", vector("scale"), vector("shift"), integer("version"));

    static final Signature FOLD =
            Signature.named(
                    "FoldRequest",
                    tensor("weight").needed(),
                    tensor("bias"),
                    text("kind").oneOf(List.of("linear", "conv", "conv_transpose")).needed(),
                    text("position").oneOf(List.of("before", "after")).needed(),
                    counts("padding"),
                    integer("groups"));

    static final Signature FOLDED = Signature.named("FoldAnswer", tensor("weight"), tensor("bias"));

    private static final Field FRAMEWORK = text("framework").oneOf(Framework.allWords()).needed();

    static final Signature EXPORT =
            Signature.of(
                    FRAMEWORK,
                    text("prefix"),
                    text("datatype").oneOf(List.of("FP32", "FP64")),
                    bool("exact"));

    static final Signature EXPORT_OF_SEVERAL = EXPORT.and("", text("names").needed());

    static final Signature IMPORT =
            Signature.of(
                    FRAMEWORK,
                    text("convention").oneOf(CONVENTION_WORDS),
                    text("prefix"),
                    text("name"),
                    bool("replace"),
                    number("epsilon"),
                    number("momentum").orNull());

    private static final Signature TENSOR_NAMES =
            Signature.named(
                    "TensorNames",
                    text("gamma"),
                    text("beta"),
                    text("running_mean"),
                    text("running_var"),
                    text("num_batches_tracked"));

    private static final Signature IMPORTED_LAYER =
            Signature.named(
                    "ImportedLayer",
                    text("name"),
                    integer("features"),
                    integer("num_batches_tracked"),
                    integer("version"),
                    object("tensors", TENSOR_NAMES));

    static final Signature IMPORTED =
            Signature.named(
                    "ImportReport",
                    list("layers", IMPORTED_LAYER),
                    list("skipped", Signature.named("SkippedTensor", text("tensor"), text("why"))),
                    list(
                            "notes",
                            Signature.named(
                                    "ImportNote",
                                    text("layer").orNull(),
                                    text("what"),
                                    text("why"))));

    static final Signature PROBLEM =
            Signature.named(
                    "Problem",
                    text("type").needed(),
                    text("title").needed(),
                    integer("status").needed(),
                    text("detail").needed(),
                    text("instance").needed(),
                    text("field"),
                    text("offset"),
                    text("id"));
}
