package batchnorm.web;

import static batchnorm.codec.Signature.bool;
import static batchnorm.codec.Signature.integer;
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
}
