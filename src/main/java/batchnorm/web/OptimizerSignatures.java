package batchnorm.web;

import static batchnorm.codec.Signature.bool;
import static batchnorm.codec.Signature.number;
import static batchnorm.codec.Signature.object;
import static batchnorm.codec.Signature.text;
import static batchnorm.codec.Signature.vector;

import batchnorm.codec.Signature;
import java.util.List;

/// The fields of an optimizer's step.
final class OptimizerSignatures {
    private OptimizerSignatures() {}

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
                                            number("learning_rate").from(0).needed(),
                                            number("weight_decay").from(0),
                                            number("momentum").from(0),
                                            number("dampening").from(0),
                                            bool("nesterov"),
                                            number("beta1").from(0).below(1),
                                            number("beta2").from(0).below(1),
                                            number("epsilon").from(0)))
                            .needed(),
                    bool("restart"));

    static final Signature PARAMETERS =
            Signature.response(
                    "Parameters",
                    vector("gamma").orNull(),
                    vector("beta").orNull(),
                    LayerSignatures.VERSION);
}
