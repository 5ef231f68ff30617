package batchnorm.web;

import batchnorm.codec.InvalidField;
import batchnorm.codec.Message;
import batchnorm.layer.Converted;
import batchnorm.layer.Layer;
import batchnorm.layer.LayerPatch;
import batchnorm.layer.LayerPatch.Vector;
import batchnorm.layer.LayerSummary;
import batchnorm.normalization.Config;
import batchnorm.normalization.Convention;
import batchnorm.normalization.Conversion;
import batchnorm.normalization.InvalidConfig;
import batchnorm.normalization.Knob;
import batchnorm.normalization.Parameters;
import batchnorm.normalization.Renorm;
import batchnorm.normalization.RunningStatistics;
import batchnorm.normalization.Variant;
import java.util.Arrays;
import java.util.List;
import java.util.Objects;
import java.util.function.UnaryOperator;
import org.jspecify.annotations.Nullable;

/// Layers, knobs and conventions as messages, and messages as what they ask for.
final class LayerMessages {
    /// Layers of a page whose request names no limit.
    private static final int DEFAULT_PAGE = 100;

    private LayerMessages() {}

    /// The knobs that a message overrides, on top of others.
    static Config config(Config base, Message message) {
        return new Config(
                base.convention(),
                Objects.requireNonNullElse(message.number("epsilon"), base.epsilon()),
                message.has("momentum") ? message.number("momentum") : base.momentum(),
                choice(message, "momentum_meaning", base.momentumMeaning()),
                choice(message, "running_variance", base.runningVariance()),
                choice(message, "scope", base.scope()),
                axis(message, base.channelAxis()),
                message.bool("scale", base.scale()),
                message.bool("shift", base.shift()),
                message.bool("track_running_stats", base.trackRunningStats()),
                choice(message, "single_value", base.singleValue()),
                choice(message, "non_finite", base.nonFinite()),
                variant(base.variant(), message));
    }

    private static Variant variant(Variant base, Message message) {
        return new Variant(
                message.bool("freeze_statistics", base.freezeStatistics()),
                message.bool("freeze_parameters", base.freezeParameters()),
                Objects.requireNonNullElse(
                        message.number("statistics_blend"), base.statisticsBlend()),
                message.has("virtual_batch_size")
                        ? virtualBatchSize(message.integer("virtual_batch_size"))
                        : base.virtualBatchSize(),
                renorm(base.renorm(), message));
    }

    private static @Nullable Renorm renorm(@Nullable Renorm base, Message message) {
        Double rMax = base == null ? null : (Double) base.rMax();
        Double dMax = base == null ? null : (Double) base.dMax();
        return Renorm.of(
                message.has("r_max") ? message.number("r_max") : rMax,
                message.has("d_max") ? message.number("d_max") : dMax);
    }

    /// More samples than any tensor has are as good as that many.
    private static @Nullable Integer virtualBatchSize(@Nullable Long size) {
        return size == null
                ? null
                : (Integer) Math.clamp(size, Integer.MIN_VALUE, Integer.MAX_VALUE);
    }

    static LayerPatch revision(Message message) {
        return revision(message, base -> config(base, message));
    }

    private static LayerPatch revision(Message message, UnaryOperator<Config> knobs) {
        LayerPatch revision =
                new LayerPatch(knobs)
                        .withFeatures(features(message))
                        .withBatches(message.integer("num_batches_tracked"));
        for (Vector vector : Vector.values()) {
            if (message.has(vector.field())) {
                revision.with(vector, message.vector(vector.field()));
            }
        }
        return revision;
    }

    /// What makes a new layer what a message says: its knobs in `config`, where a layer answers
    /// them, or beside it, which then counts. Version and times are those of the layer that was
    /// exported, not of the new one.
    static LayerPatch creation(Message message) {
        Message exported = Objects.requireNonNullElseGet(message.object("config"), Message::new);
        return revision(
                message,
                base -> {
                    Config config = config(base, exported);
                    requireDerived(exported, config, message.integer("num_batches_tracked"));
                    return config(config, message);
                });
    }

    /// What a `config` says beside its knobs follows from them. One that says otherwise was changed
    /// by somebody who means something by it.
    private static void requireDerived(Message exported, Config config, @Nullable Long batches) {
        long next = batches == null ? 1 : batches + 1;
        requireDerived(
                exported,
                "alpha",
                config.trackRunningStats() ? config.alpha(next) : null,
                "momentum");
        requireDerived(
                exported,
                "initial_running_var",
                config.convention().initialVariance(),
                "running_var");
    }

    private static void requireDerived(
            Message exported, String field, @Nullable Double derived, String remedy) {
        Double given = exported.number(field);
        if (given != null && !given.equals(derived)) {
            throw new InvalidConfig(
                    "config." + field,
                    "config.%s is %s, but what stands beside it makes it %s; leave it out, and set %s"
                            .formatted(field, Knob.text(given), Knob.text(derived), remedy));
        }
    }

    static Convention convention(Message message) {
        Message exported = message.object("config");
        String word = message.text("convention");
        if (word == null && exported != null) {
            word = exported.text("convention");
        }
        return word == null ? Convention.PYTORCH : Convention.parse(word);
    }

    static Message layer(Layer layer) {
        Parameters parameters = layer.parameters();
        RunningStatistics running = layer.running();
        return new Message()
                .with("name", layer.name().value())
                .with("version", (Long) layer.version())
                .with("created_at", layer.createdAt().toString())
                .with("updated_at", layer.updatedAt().toString())
                .with("config", config(layer.config(), layer.batches() + 1))
                .with("features", asLong(layer.features()))
                .with("gamma", parameters == null ? null : parameters.gamma())
                .with("beta", parameters == null ? null : parameters.beta())
                .with("running_mean", running == null ? null : running.mean())
                .with("running_var", running == null ? null : running.variance())
                .with("num_batches_tracked", (Long) layer.batches());
    }

    static Message converted(Converted converted, boolean dryRun) {
        return layer(converted.layer())
                .with("dry_run", (Boolean) dryRun)
                .with(
                        "knobs",
                        converted.conversion().knobs().stream()
                                .map(LayerMessages::knobChange)
                                .toList())
                .with(
                        "not_exact",
                        converted.conversion().notExact().stream()
                                .map(entry ->
                                        new Message()
                                                .with("what", entry.what())
                                                .with("why", entry.why()))
                                .toList());
    }

    private static Message knobChange(Conversion.KnobChange change) {
        return new Message()
                .with("knob", change.knob())
                .with("before", change.before())
                .with("after", change.after())
                .with("treatment", Knob.word(change.treatment()));
    }

    /// @throws InvalidField for a limit that no page has
    static int pageLimit(Message page) {
        Long limit = page.integer("limit");
        if (limit == null) {
            return DEFAULT_PAGE;
        }
        if (limit < 1 || limit > LayerSignatures.MAX_PAGE) {
            throw new InvalidField(
                    "limit", "\"limit\" must be from 1 to " + LayerSignatures.MAX_PAGE);
        }
        return Math.toIntExact(limit);
    }

    static Message page(List<LayerSummary> layers, boolean more) {
        return new Message()
                .with("layers", layers.stream().map(LayerMessages::summary).toList())
                .with("next", more ? layers.getLast().name().value() : null);
    }

    static Message conventions() {
        return new Message()
                .with(
                        "conventions",
                        Arrays.stream(Convention.values())
                                .map(convention ->
                                        config(convention.config(), 1)
                                                .with("from", convention.origin()))
                                .toList());
    }

    private static Message summary(LayerSummary layer) {
        return new Message()
                .with("name", layer.name().value())
                .with("convention", layer.convention().word())
                .with("features", asLong(layer.features()))
                .with("num_batches_tracked", (Long) layer.batches())
                .with("version", (Long) layer.version())
                .with("updated_at", layer.updatedAt().toString());
    }

    /// @param nextBatch the number of the batch whose weight `alpha` is
    static Message config(Config config, long nextBatch) {
        Message message = new Message();
        config.knobs(nextBatch)
                .forEach((knob, value) -> {
                    switch (value) {
                        case Double number -> message.with(knob, number);
                        case Long integer -> message.with(knob, integer);
                        case Boolean bool -> message.with(knob, bool);
                        case null, default -> message.with(knob, (String) value);
                    }
                });
        return message;
    }

    private static <E extends Enum<E>> E choice(Message message, String field, E base) {
        String word = message.text(field);
        return word == null ? base : Knob.parse(base.getDeclaringClass(), field, word);
    }

    private static int axis(Message message, int base) {
        Long axis = message.integer("channel_axis");
        if (axis == null) {
            return base;
        }
        return Math.clamp(axis, Integer.MIN_VALUE, Integer.MAX_VALUE);
    }

    private static @Nullable Integer features(Message message) {
        Long features = message.integer("features");
        if (features == null) {
            return null;
        }
        if (features < 1 || features > Integer.MAX_VALUE) {
            throw new InvalidConfig(
                    "features", "features is " + features + "; it must be 1 or more");
        }
        return features.intValue();
    }

    static @Nullable Long asLong(@Nullable Integer value) {
        return value == null ? null : (Long) (long) value;
    }
}
