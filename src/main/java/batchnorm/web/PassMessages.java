package batchnorm.web;

import batchnorm.codec.InvalidField;
import batchnorm.codec.Message;
import batchnorm.layer.Inferred;
import batchnorm.layer.Trained;
import batchnorm.normalization.BatchStatistics;
import batchnorm.normalization.ForwardPass.Mode;
import batchnorm.normalization.Gradients;
import batchnorm.normalization.RunningStatistics;
import batchnorm.tensor.Tensor;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// Forward and backward passes as messages.
final class PassMessages {
    private PassMessages() {}

    static Message trained(Trained trained, Message request) {
        Message answer =
                new Message()
                        .in(request.form())
                        .with("output", trained.output())
                        .with("context_id", trained.contextId());
        if (request.bool("return_statistics", true)) {
            addStatistics(answer, trained.batch(), trained.running());
        }
        return answer.with("alpha", trained.alpha()).with("version", (Long) trained.version());
    }

    /// What a training batch was, and what became of the running statistics.
    static void addStatistics(
            Message answer, BatchStatistics batch, @Nullable RunningStatistics running) {
        answer.with("batch_mean", batch.isEmpty() ? null : batch.mean())
                .with("batch_var", batch.isEmpty() ? null : batch.variance())
                .with("count", (Long) batch.count())
                .with("running_mean", running == null ? null : running.mean())
                .with("running_var", running == null ? null : running.variance())
                .with("num_batches_tracked", (Long) (running == null ? 0 : running.batches()));
    }

    static Message inferred(Inferred inferred, Message request) {
        Message answer =
                new Message()
                        .in(request.form())
                        .with("output", inferred.output())
                        .with("version", (Long) inferred.layer().version());
        return inferred.contextId() == null
                ? answer
                : answer.with("context_id", inferred.contextId());
    }

    static Message gradients(Gradients gradients, Message request) {
        return new Message()
                .in(request.form())
                .with("grad_input", gradients.input())
                .with("grad_gamma", gradients.gamma())
                .with("grad_beta", gradients.beta());
    }

    /// @throws InvalidField when the request names what the context has already
    static String onlyContext(Message request, String contextId) {
        for (String name : List.of("input", "mode", "batch_mean", "batch_var")) {
            if (request.has(name)) {
                throw new InvalidField(
                        name,
                        "\""
                                + name
                                + "\" goes with a backward without \"context_id\"; the context has its own");
            }
        }
        return contextId;
    }

    /// The input of a backward without a context.
    static Tensor statelessInput(Message request) {
        Tensor input = request.tensor("input");
        if (input == null) {
            throw new InvalidField(
                    "context_id",
                    "backward needs the \"context_id\" of a forward, or its \"input\"");
        }
        return input;
    }

    static Mode mode(Message request) {
        return switch (request.text("mode")) {
            case null -> Mode.TRAIN;
            case "train" -> Mode.TRAIN;
            case "infer" -> Mode.INFER;
            default -> throw new InvalidField("mode", "\"mode\" must be \"train\" or \"infer\"");
        };
    }

    /// The statistics that a backward in train mode was given, or null.
    static @Nullable BatchStatistics batch(Message request, Mode mode) {
        double[] mean = request.vector("batch_mean");
        double[] variance = request.vector("batch_var");
        if (mean == null && variance == null) {
            return null;
        }
        if (mean == null || variance == null) {
            throw new InvalidField(
                    mean == null ? "batch_mean" : "batch_var",
                    "\"batch_mean\" and \"batch_var\" go together");
        }
        if (mode == Mode.INFER) {
            throw new InvalidField(
                    "batch_mean",
                    "\"batch_mean\" and \"batch_var\" belong to mode \"train\"; mode \"infer\" takes the"
                            + " layer's running statistics");
        }
        return new BatchStatistics(0, mean, variance);
    }
}
