package batchnorm.web;

import batchnorm.codec.InvalidField;
import batchnorm.codec.Message;
import batchnorm.layer.ParameterUpdate;
import batchnorm.layer.Updated;
import batchnorm.optimizer.Adam;
import batchnorm.optimizer.Optimizer;
import batchnorm.optimizer.Sgd;
import java.util.List;
import java.util.Objects;

/// Steps of the parameters as messages. Defaults are those of `torch.optim`.
final class OptimizerMessages {
    private static final List<String> OF_SGD = List.of("momentum", "dampening", "nesterov");
    private static final List<String> OF_ADAM = List.of("beta1", "beta2", "epsilon");

    private OptimizerMessages() {}

    static ParameterUpdate update(Message request, Exchange exchange) {
        double[] gradGamma = request.vector("grad_gamma");
        double[] gradBeta = request.vector("grad_beta");
        if (gradGamma == null && gradBeta == null) {
            throw new InvalidField(
                    "grad_gamma",
                    "\"grad_gamma\" or \"grad_beta\" is needed, as backward answers them");
        }
        return new ParameterUpdate(
                gradGamma,
                gradBeta,
                optimizer(Objects.requireNonNull(request.object("optimizer"))),
                request.bool("restart", false),
                exchange.precondition(),
                exchange.idempotencyKey(),
                exchange.fingerprint());
    }

    static Message updated(Updated updated) {
        return new Message()
                .with("gamma", updated.parameters().gamma())
                .with("beta", updated.parameters().beta())
                .with("version", (Long) updated.version());
    }

    private static Optimizer optimizer(Message options) {
        return switch (options.text("kind")) {
            case "sgd" -> sgd(options);
            case "adam" -> adam(options, 0, false);
            case "adamw" -> adam(options, 0.01, true);
            case null, default ->
                    throw new InvalidField(
                            "optimizer.kind",
                            "\"optimizer.kind\" must be \"sgd\", \"adam\" or \"adamw\"");
        };
    }

    private static Sgd sgd(Message options) {
        refuse(options, OF_ADAM, "adam");
        return new Sgd(
                learningRate(options),
                number(options, "momentum", 0),
                number(options, "weight_decay", 0),
                options.bool("nesterov", false),
                number(options, "dampening", 0));
    }

    private static Adam adam(Message options, double decay, boolean decoupled) {
        refuse(options, OF_SGD, "sgd");
        return new Adam(
                learningRate(options),
                number(options, "beta1", 0.9),
                number(options, "beta2", 0.999),
                number(options, "epsilon", 1e-8),
                number(options, "weight_decay", decay),
                decoupled);
    }

    /// An option of another optimizer is a mistake that nobody would see in the numbers.
    private static void refuse(Message options, List<String> fields, String owner) {
        for (String field : fields) {
            if (options.has(field)) {
                String path = "optimizer." + field;
                throw new InvalidField(
                        path, "\"" + path + "\" belongs to the kind \"" + owner + "\"");
            }
        }
    }

    private static double learningRate(Message options) {
        Double rate = options.number("learning_rate");
        if (rate == null) {
            throw new InvalidField(
                    "optimizer.learning_rate", "\"optimizer.learning_rate\" is required");
        }
        return rate;
    }

    private static double number(Message options, String field, double otherwise) {
        return Objects.requireNonNullElse(options.number(field), otherwise);
    }
}
