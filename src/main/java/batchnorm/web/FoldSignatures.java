package batchnorm.web;

import static batchnorm.codec.Signature.counts;
import static batchnorm.codec.Signature.integer;
import static batchnorm.codec.Signature.tensor;
import static batchnorm.codec.Signature.text;
import static batchnorm.codec.Signature.vector;

import batchnorm.codec.Signature;
import java.util.List;

/// The fields of a layer's affine map, and of its folding into the layer beside it.
final class FoldSignatures {
    private FoldSignatures() {}

    static final Signature AFFINE =
            Signature.response("Affine", vector("scale"), vector("shift"), LayerSignatures.VERSION);

    static final Signature FOLD =
            Signature.named(
                    "FoldRequest",
                    tensor("weight").needed(),
                    tensor("bias"),
                    text("kind").oneOf(List.of("linear", "conv", "conv_transpose")).needed(),
                    text("position").oneOf(List.of("before", "after")).needed(),
                    counts("padding"),
                    integer("groups").from(1));

    static final Signature FOLDED =
            Signature.response("FoldAnswer", tensor("weight"), tensor("bias"));
}
