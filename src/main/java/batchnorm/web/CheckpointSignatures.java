package batchnorm.web;

import static batchnorm.codec.Signature.bool;
import static batchnorm.codec.Signature.integer;
import static batchnorm.codec.Signature.list;
import static batchnorm.codec.Signature.object;
import static batchnorm.codec.Signature.text;

import batchnorm.checkpoint.Framework;
import batchnorm.codec.Signature;
import batchnorm.codec.Signature.Field;
import java.util.List;

/// The fields of exports and imports beside the files themselves.
final class CheckpointSignatures {
    private CheckpointSignatures() {}

    private static final Field FRAMEWORK = text("framework").oneOf(Framework.allWords());

    static final Signature EXPORT =
            Signature.of(
                    FRAMEWORK.needed(),
                    text("prefix"),
                    text("datatype").oneOf(List.of("FP32", "FP64")),
                    bool("exact"));

    static final Signature EXPORT_OF_SEVERAL = EXPORT.and("", text("names").needed());

    static final Signature IMPORT =
            Signature.of(
                    FRAMEWORK,
                    text("convention").oneOf(LayerSignatures.CONVENTIONS),
                    text("prefix"),
                    text("name"),
                    bool("replace"),
                    LayerSignatures.EPSILON,
                    LayerSignatures.MOMENTUM);

    private static final Signature TENSOR_NAMES =
            Signature.response(
                    "TensorNames",
                    text("gamma").sometimes(),
                    text("beta").sometimes(),
                    text("running_mean").sometimes(),
                    text("running_var").sometimes(),
                    text("num_batches_tracked").sometimes());

    private static final Signature IMPORTED_LAYER =
            Signature.response(
                    "ImportedLayer",
                    LayerSignatures.NAME,
                    text("path"),
                    integer("features").from(1),
                    LayerSignatures.BATCHES,
                    LayerSignatures.VERSION,
                    object("tensors", TENSOR_NAMES),
                    list(
                            "warnings",
                            Signature.response("ImportWarning", text("what"), text("why"))));

    static final Signature IMPORTED =
            Signature.response(
                    "ImportReport",
                    text("framework").oneOf(Framework.allWords()),
                    text("detected").orNull(),
                    list("layers", IMPORTED_LAYER),
                    list(
                            "skipped",
                            Signature.response("SkippedTensor", text("tensor"), text("why"))),
                    list("assumed", Signature.response("Assumption", text("what"), text("why"))),
                    list(
                            "notes",
                            Signature.response(
                                    "ImportNote",
                                    text("layer").orNull(),
                                    text("what"),
                                    text("why"))));
}
