package batchnorm.web;

import batchnorm.codec.InvalidField;
import batchnorm.codec.Message;
import batchnorm.layer.Inferred;
import batchnorm.layer.StatelessBackward;
import batchnorm.layer.TrainResult;
import batchnorm.normalization.BatchStatistics;
import batchnorm.normalization.ForwardPass.Mode;
import batchnorm.normalization.Gradients;
import batchnorm.normalization.RunningStatistics;
import batchnorm.normalization.Weighting;
import batchnorm.tensor.Shape;
import batchnorm.tensor.Tensor;
import java.util.Arrays;
import java.util.List;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/// Forward and backward passes as messages.
final class PassMessages {
    private static final List<String> OF_THE_FORWARD =
            List.of(
                    "input",
                    "mode",
                    "batch_mean",
                    "batch_var",
                    "mask",
                    "weights",
                    "statistics_blend");

    private PassMessages() {}

    /// Which parts of a batch count.
    static Weighting weighting(Message request) {
        return new Weighting(request.tensor("mask"), request.vector("weights"));
    }

    /// The forward that a backward without a context runs again.
    static StatelessBackward rerun(Message request) {
        Tensor input = statelessInput(request);
        Mode mode = mode(request);
        requireMode(
                request, mode, Mode.TRAIN, List.of("batch_mean", "batch_var", "mask", "weights"));
        requireMode(request, mode, Mode.INFER, List.of("statistics_blend"));
        return new StatelessBackward(
                input,
                mode,
                batch(request),
                weighting(request),
                request.number("statistics_blend"));
    }

    private static void requireMode(Message request, Mode mode, Mode itsMode, List<String> fields) {
        for (String field : fields) {
            if (request.has(field) && mode != itsMode) {
                throw new InvalidField(
                        field,
                        "\"%s\" belongs to mode \"%s\", not to \"%s\""
                                .formatted(field, word(itsMode), word(mode)));
            }
        }
    }

    private static String word(Mode mode) {
        return mode == Mode.TRAIN ? "train" : "infer";
    }

    static Message trained(TrainResult trained, Message request) {
        Message answer =
                new Message()
                        .in(request.form())
                        .with("output", trained.output())
                        .with("context_id", trained.contextId());
        if (request.bool("return_statistics", true)) {
            addStatistics(answer, trained.batch(), trained.running());
            if (trained.virtual().size() > 1) {
                virtual(answer, trained.virtual());
            }
        }
        return answer.with("alpha", trained.alpha()).with("version", (Long) trained.version());
    }

    /// What a training batch was, and what became of the running statistics.
    static void addStatistics(
            Message answer, BatchStatistics batch, @Nullable RunningStatistics running) {
        answer.with("batch_mean", batch.isEmpty() ? null : batch.mean())
                .with("batch_var", batch.isEmpty() ? null : batch.variance());
        count(answer, batch.count());
        answer.with("running_mean", running == null ? null : running.mean())
                .with("running_var", running == null ? null : running.variance())
                .with("num_batches_tracked", (Long) (running == null ? 0 : running.batches()));
    }

    /// What each virtual batch was normalized with, one a row.
    private static void virtual(Message answer, List<BatchStatistics> virtual) {
        answer.with(
                        "virtual_counts",
                        virtual.stream().mapToDouble(BatchStatistics::count).toArray())
                .with("virtual_batch_mean", rows(virtual, BatchStatistics::mean))
                .with("virtual_batch_var", rows(virtual, BatchStatistics::variance));
    }

    private static Tensor rows(
            List<BatchStatistics> virtual, Function<BatchStatistics, double[]> row) {
        double[] values = virtual.stream().map(row).flatMapToDouble(Arrays::stream).toArray();
        return Tensor.of(Shape.of(virtual.size(), values.length / virtual.size()), values);
    }

    /// A sum of weights has a fraction, a number of values has none.
    private static void count(Message answer, double count) {
        if (count == Math.rint(count)) {
            answer.with("count", (Long) (long) count);
        } else {
            answer.with("count", (Double) count);
        }
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
        for (String name : OF_THE_FORWARD) {
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
    private static Tensor statelessInput(Message request) {
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
    private static @Nullable BatchStatistics batch(Message request) {
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
        return new BatchStatistics(0, mean, variance);
    }
}
