package batchnorm.web;

import static batchnorm.codec.Signature.bool;
import static batchnorm.codec.Signature.list;
import static batchnorm.codec.Signature.text;

import batchnorm.codec.Signature;
import java.util.List;

/// The fields of conventions, and of a layer that is put into another's words.
final class ConventionSignatures {
    private ConventionSignatures() {}

    static final Signature CONVERT =
            Signature.named(
                    "ConvertRequest",
                    text("to").needed().oneOf(LayerSignatures.CONVENTIONS),
                    bool("dry_run"));

    static final Signature CONVERTED =
            LayerSignatures.LAYER.and(
                    "ConvertedLayer",
                    bool("dry_run"),
                    list(
                            "knobs",
                            Signature.response(
                                    "KnobChange",
                                    text("knob"),
                                    text("before"),
                                    text("after"),
                                    text("treatment")
                                            .oneOf(List.of("kept", "re_expressed", "changed")))),
                    list("not_exact", Signature.response("NotExact", text("what"), text("why"))));

    static final Signature CONVENTION = LayerSignatures.CONFIG.and("Convention", text("from"));

    static final Signature CONVENTIONS =
            Signature.response("Conventions", list("conventions", CONVENTION));
}
