package batchnorm.web;

import batchnorm.codec.InvalidField;
import batchnorm.codec.Message;
import batchnorm.layer.Comparison;
import batchnorm.layer.Layer;
import batchnorm.layer.Snapshot;
import batchnorm.layer.SnapshotSummary;
import batchnorm.normalization.Knob;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/// Snapshots as messages.
final class SnapshotMessages {
    /// What stands for the layer as it is, in place of a snapshot's id.
    static final String CURRENT = "current";

    static final int MAX_LABEL = 128;

    private SnapshotMessages() {}

    /// @throws InvalidField when it is too long to be a label, or has a control character
    static @Nullable String label(Message request) {
        String label = request.text("label");
        if (label == null) {
            return null;
        }
        if (label.codePointCount(0, label.length()) > MAX_LABEL) {
            throw new InvalidField("label", "\"label\" has more than " + MAX_LABEL + " characters");
        }
        requirePrintable("label", label);
        return label;
    }

    /// Refuses what some databases do not store and no list shows. Surrogates that are no pair are
    /// refused with the JSON.
    private static void requirePrintable(String field, String text) {
        int[] codePoints = text.codePoints().toArray();
        for (int i = 0; i < codePoints.length; i++) {
            if (Character.isISOControl(codePoints[i])) {
                throw new InvalidField(
                        field,
                        "\"%s\" has the control character U+%04X at index %d; send it without control characters"
                                .formatted(field, codePoints[i], i));
            }
        }
    }

    /// The snapshot that a query names, or null for the layer as it is.
    static @Nullable Long id(String parameter, String text) {
        if (text.equals(CURRENT)) {
            return null;
        }
        try {
            return Long.valueOf(text);
        } catch (NumberFormatException notANumber) {
            throw new InvalidField(
                    parameter,
                    "\"" + parameter + "\" must be the id of a snapshot, or \"" + CURRENT + "\"");
        }
    }

    static Message list(List<SnapshotSummary> snapshots) {
        return new Message()
                .with("snapshots", snapshots.stream().map(SnapshotMessages::summary).toList());
    }

    static Message summary(SnapshotSummary snapshot) {
        return new Message()
                .with("id", (Long) snapshot.id())
                .with("label", snapshot.label())
                .with("taken_at", snapshot.takenAt().toString())
                .with("version", (Long) snapshot.version())
                .with("features", LayerMessages.asLong(snapshot.features()))
                .with("num_batches_tracked", (Long) snapshot.batches());
    }

    /// The whole layer as it was, behind what a list shows.
    static Message snapshot(Snapshot snapshot) {
        Message layer = LayerMessages.layer(snapshot.layer());
        return summary(snapshot.summary())
                .with("config", layer.object("config"))
                .with("gamma", layer.vector("gamma"))
                .with("beta", layer.vector("beta"))
                .with("running_mean", layer.vector("running_mean"))
                .with("running_var", layer.vector("running_var"));
    }

    static Message comparison(String from, String to, Comparison comparison) {
        return new Message()
                .with("from", from)
                .with("to", to)
                .with(
                        "vectors",
                        comparison.differences().stream()
                                .map(difference ->
                                        new Message()
                                                .with("vector", difference.vector().field())
                                                .with(
                                                        "max_difference",
                                                        (Double) difference.largest())
                                                .with(
                                                        "channel",
                                                        (Long) (long) difference.channel()))
                                .toList())
                .with("knobs", knobs(comparison));
    }

    /// The knobs that are not the same, in words.
    private static List<Message> knobs(Comparison comparison) {
        Map<String, @Nullable Object> before = knobs(comparison.from());
        List<Message> different = new ArrayList<>();
        knobs(comparison.to())
                .forEach((knob, after) -> {
                    Object was = before.get(knob);
                    if (!Objects.equals(was, after)) {
                        different.add(
                                new Message()
                                        .with("knob", knob)
                                        .with("from", Knob.text(was))
                                        .with("to", Knob.text(after)));
                    }
                });
        return different;
    }

    private static Map<String, @Nullable Object> knobs(Layer layer) {
        return layer.config().knobs(1);
    }
}
