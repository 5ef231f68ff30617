package batchnorm.web;

import batchnorm.normalization.Convention;
import java.util.Arrays;
import java.util.List;
import java.util.Map;

/// What each field means, wherever it stands: one word is one thing in the whole API.
final class Glossary {
    private Glossary() {}

    /// The words that a field may be, where it is a choice.
    static final Map<String, List<String>> CHOICES =
            Map.of(
                    "convention", Words.CONVENTIONS,
                    "momentum_meaning", List.of("new_weight", "old_weight"),
                    "running_variance", List.of("biased", "unbiased"),
                    "scope", List.of("spatial", "per_activation"),
                    "single_value", List.of("reject", "zero_variance"),
                    "non_finite", List.of("reject", "propagate"),
                    "mode", List.of("train", "infer"));

    static final Map<String, String> MEANINGS =
            Map.ofEntries(
                    Map.entry(
                            "name",
                            "A letter or digit, then up to 127 letters, digits, dots, underscores, hyphens."),
                    Map.entry(
                            "convention",
                            "A named preset of every knob, after the framework it imitates. Default: pytorch."),
                    Map.entry(
                            "features",
                            "Channels per tensor. Left out, the first training batch decides it."),
                    Map.entry("epsilon", "Added to a variance before its root. 0 or more."),
                    Map.entry(
                            "momentum",
                            "From 0 to 1; momentum_meaning says which weight it is. null: the cumulative average."),
                    Map.entry(
                            "momentum_meaning",
                            "new_weight: alpha = momentum (PyTorch). old_weight: alpha = 1 - momentum (the others)."),
                    Map.entry(
                            "alpha",
                            "The weight of one training batch in the running statistics, resolved:"
                                    + " running += alpha * (batch - running). In a configuration, of the next batch."),
                    Map.entry(
                            "running_variance",
                            "Which variance the running one averages: biased M2/m, or unbiased M2/(m-1)."),
                    Map.entry(
                            "initial_running_var", "The running variance before the first batch."),
                    Map.entry(
                            "scope",
                            "spatial reduces every axis but the channel axis; per_activation reduces axis 0 only."),
                    Map.entry("channel_axis", "Negative counts from the end."),
                    Map.entry("scale", "Whether there is a gamma."),
                    Map.entry("shift", "Whether there is a beta."),
                    Map.entry(
                            "track_running_stats",
                            "false: no running statistics; inference normalizes with the batch's own."),
                    Map.entry(
                            "single_value",
                            "What one value per channel does in training: reject, or count as variance 0."),
                    Map.entry(
                            "non_finite",
                            "What NaN or infinity does in training: reject, or propagate into the statistics."),
                    Map.entry("gamma", "The scale, per channel."),
                    Map.entry("beta", "The shift, per channel."),
                    Map.entry("running_mean", "Averaged over the training batches, per channel."),
                    Map.entry("running_var", "Averaged over the training batches, per channel."),
                    Map.entry(
                            "num_batches_tracked",
                            "Training batches that the running statistics count."),
                    Map.entry(
                            "version",
                            "Counts the layer's changes; the order of its training steps."),
                    Map.entry("created_at", "RFC 3339, UTC."),
                    Map.entry("updated_at", "RFC 3339, UTC."),
                    Map.entry("config", "Every knob, resolved."),
                    Map.entry("layers", "Ordered by name."),
                    Map.entry(
                            "next",
                            "What to send as `after` for the next page; null on the last one."),
                    Map.entry("input", "A tensor of rank 2 or more."),
                    Map.entry(
                            "save_context",
                            "Whether to keep what a backward needs, under the answered context_id."),
                    Map.entry(
                            "return_statistics",
                            "Whether to answer the batch's and the running statistics. Default: true."),
                    Map.entry("output", "gamma * (input - mean) / sqrt(var + epsilon) + beta."),
                    Map.entry("context_id", "Names what a forward kept for its backward."),
                    Map.entry("batch_mean", "The batch's mean, per channel."),
                    Map.entry("batch_var", "The batch's biased variance M2/m, per channel."),
                    Map.entry("count", "Values per channel in the batch: m."),
                    Map.entry("grad_output", "The loss's gradient with respect to output."),
                    Map.entry(
                            "mode",
                            "train (default): the statistics depend on the input. infer: they are constants."),
                    Map.entry("grad_input", "The loss's gradient with respect to input."),
                    Map.entry("grad_gamma", "The loss's gradient with respect to gamma."),
                    Map.entry("grad_beta", "The loss's gradient with respect to beta."),
                    Map.entry("conventions", "Every preset, each knob resolved."),
                    Map.entry("from", "Whose behaviour the convention is."),
                    Map.entry("type", "A URI reference that ends in the problem's slug."),
                    Map.entry("title", "The kind of problem, in words."),
                    Map.entry("status", "The HTTP status."),
                    Map.entry("detail", "What was wrong this time, and what would be right."),
                    Map.entry("instance", "The path of the request."),
                    Map.entry("field", "The field that was wrong, as a path."),
                    Map.entry("offset", "The byte of the body where the reader stopped."),
                    Map.entry("id", "Under which the log has an unexpected failure."));

    private static final class Words {
        static final List<String> CONVENTIONS =
                Arrays.stream(Convention.values()).map(Convention::word).toList();
    }
}
