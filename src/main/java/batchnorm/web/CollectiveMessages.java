package batchnorm.web;

import batchnorm.codec.InvalidField;
import batchnorm.codec.Message;
import batchnorm.collective.Accumulation;
import batchnorm.collective.Finished;
import batchnorm.collective.SyncGradients;
import batchnorm.collective.SyncGroup;
import batchnorm.collective.SyncPart;
import batchnorm.collective.SyncTrained;
import batchnorm.layer.StepRecord;
import batchnorm.normalization.BatchStatistics;
import batchnorm.normalization.InvalidMoments;
import batchnorm.normalization.Moments;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/// Groups, accumulations, moments and what they come to, as messages.
final class CollectiveMessages {
    private static final double NANOS = 1e9;

    private CollectiveMessages() {}

    static Message group(SyncGroup group) {
        return new Message()
                .with("group_id", group.id())
                .with("layer", group.layer().value())
                .with("size", (Long) (long) group.size())
                .with("timeout_seconds", (Double) (group.timeout().toNanos() / NANOS));
    }

    /// Who sends a request of a group.
    static SyncPart part(Message request, @Nullable String fingerprint) {
        return new SyncPart(
                Math.clamp(integer(request, "rank"), -1, Integer.MAX_VALUE),
                integer(request, "step"),
                Objects.requireNonNull(fingerprint));
    }

    static long integer(Message message, String field) {
        Long value = message.integer(field);
        if (value == null) {
            throw new InvalidField(field, "\"" + field + "\" is required");
        }
        return value;
    }

    static Message trained(SyncTrained trained, Message request) {
        Message answer = new Message().in(request.form());
        if (trained.output() != null) {
            answer.with("output", trained.output());
        }
        answer.with("step", request.integer("step"));
        if (request.bool("return_statistics", true)) {
            PassMessages.addStatistics(answer, trained.step().batch(), trained.step().running());
        }
        return addVersion(answer, trained.step());
    }

    private static Message addVersion(Message answer, StepRecord step) {
        return answer.with("alpha", step.running() == null ? null : (Double) step.alpha())
                .with("version", (Long) step.version());
    }

    static Message gradients(SyncGradients gradients, Message request) {
        Message answer = new Message().in(request.form());
        if (gradients.input() != null) {
            answer.with("grad_input", gradients.input());
        }
        return answer.with("grad_gamma", gradients.gamma())
                .with("grad_beta", gradients.beta())
                .with("sum_dy", gradients.total().sum())
                .with("sum_dy_xmu", gradients.total().product())
                .with("count", (Long) gradients.total().count());
    }

    /// The moments that a request brings in place of a tensor.
    ///
    /// @throws InvalidField when it brings both, or neither
    static Moments moments(Message request) {
        double[] mean = request.vector("mean");
        double[] m2 = request.vector("m2");
        if (mean == null || m2 == null || !request.has("count")) {
            throw new InvalidField(
                    "input", "\"input\" is required, or \"count\", \"mean\" and \"m2\" of one");
        }
        return Moments.of(integer(request, "count"), mean, m2);
    }

    /// A sum that a request brings in place of a gradient.
    static double[] sum(Message request, String field) {
        double[] sum = request.vector(field);
        if (sum == null) {
            throw new InvalidField(
                    "grad_output",
                    "\"grad_output\" is required, or \"sum_dy\" and \"sum_dy_xmu\" of one");
        }
        return sum;
    }

    /// @throws InvalidField when there is something beside the input
    static void requireNone(Message request, String than, String... fields) {
        for (String field : fields) {
            if (request.has(field)) {
                throw new InvalidField(
                        field,
                        "\"" + field + "\" stands in place of \"" + than + "\", not beside it");
            }
        }
    }

    static List<Moments> parts(Message request) {
        List<Message> parts = request.list("parts");
        if (parts.isEmpty()) {
            throw new InvalidField("parts", "\"parts\" is empty; one or more are needed");
        }
        List<Moments> moments = new ArrayList<>();
        for (int i = 0; i < parts.size(); i++) {
            String path = "parts[" + i + "]";
            try {
                moments.add(required(parts.get(i), path));
            } catch (InvalidMoments refused) {
                throw refused.at(path);
            }
        }
        return moments;
    }

    private static Moments required(Message part, String path) {
        for (String field : List.of("count", "mean", "m2")) {
            if (!part.has(field)) {
                throw new InvalidField(
                        path + "." + field, "\"" + path + "." + field + "\" is required");
            }
        }
        return Moments.of(
                integer(part, "count"),
                Objects.requireNonNull(part.vector("mean")),
                Objects.requireNonNull(part.vector("m2")));
    }

    static Message merged(Moments moments) {
        return new Message()
                .with("count", (Long) moments.count())
                .with("mean", moments.mean())
                .with("m2", moments.m2())
                .with("var", moments.variance());
    }

    /// The population that a request installs or merges.
    static Moments population(Message request) {
        double[] mean = Objects.requireNonNull(request.vector("mean"));
        double[] m2 = request.vector("m2");
        double[] variance = request.vector("var");
        if ((m2 == null) == (variance == null)) {
            throw new InvalidField("m2", "one of \"m2\" and \"var\" is required, and only one");
        }
        long count = integer(request, "count");
        return m2 == null
                ? Moments.ofVariance(count, mean, Objects.requireNonNull(variance))
                : Moments.of(count, mean, m2);
    }

    static Message accumulation(Accumulation accumulation) {
        return new Message()
                .with("accumulation_id", accumulation.id())
                .with("layer", accumulation.layer().value());
    }

    static Message progress(Accumulation.Progress progress) {
        return new Message()
                .with("chunks", (Long) (long) progress.chunks())
                .with("count", (Long) progress.count());
    }

    static Message finished(Finished finished) {
        Message answer = new Message();
        switch (finished) {
            case Finished.Step made -> {
                PassMessages.addStatistics(answer, made.step().batch(), made.step().running());
                addVersion(answer, made.step());
            }
            case Finished.Installed installed -> {
                Moments whole = installed.population();
                PassMessages.addStatistics(
                        answer,
                        new BatchStatistics(whole.count(), whole.mean(), whole.variance()),
                        installed.layer().running());
                answer.with("alpha", (Double) null)
                        .with("version", (Long) installed.layer().version());
            }
        }
        return answer;
    }
}
