package batchnorm.normalization;

import batchnorm.tensor.DecimalText;
import java.util.Arrays;
import java.util.Locale;
import java.util.function.Function;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/// The knobs of a layer, in the order of responses. The JSON name of a knob, or of its choice, is
/// its constant in lower case.
///
/// Every reader and writer of a configuration is driven by this table: JSON, the rows of a store,
/// `/v2`, comparisons and conversions.
public enum Knob {
    CONVENTION(Convention.class, Config::convention),
    EPSILON(Double.class, Config::epsilon),
    EPSILON_FLOOR(Double.class, Config::epsilonFloor),
    MOMENTUM(Double.class, config -> config.momentum().value()),
    MOMENTUM_MEANING(MomentumMeaning.class, config -> config.momentum().meaning()),
    ZERO_DEBIAS(Boolean.class, config -> config.momentum().zeroDebias()),
    RUNNING_VARIANCE(RunningVariance.class, Config::runningVariance),
    SCOPE(ReductionScope.class, config -> config.channels().scope()),
    CHANNEL_AXIS(Integer.class, config -> config.channels().axis()),
    SCALE(Boolean.class, Config::scale),
    SHIFT(Boolean.class, Config::shift),
    TRACK_RUNNING_STATS(Boolean.class, Config::trackRunningStats),
    SINGLE_VALUE(SingleValuePolicy.class, config -> config.policies().singleValue()),
    NON_FINITE(NonFinitePolicy.class, config -> config.policies().nonFinite()),
    FREEZE_STATISTICS(Boolean.class, config -> config.variant().freezeStatistics()),
    FREEZE_PARAMETERS(Boolean.class, config -> config.variant().freezeParameters()),
    STATISTICS_BLEND(Double.class, config -> config.variant().statisticsBlend()),
    VIRTUAL_BATCH_SIZE(Integer.class, config -> config.variant().virtualBatchSize()),
    R_MAX(Double.class, config -> limit(config, Renorm::rMax)),
    D_MAX(Double.class, config -> limit(config, Renorm::dMax));

    private final Class<?> type;
    private final Function<Config, @Nullable Object> value;

    Knob(Class<?> type, Function<Config, @Nullable Object> value) {
        this.type = type;
        this.value = value;
    }

    private static @Nullable Object limit(Config config, Function<Renorm, Double> limit) {
        Renorm renorm = config.variant().renorm();
        return renorm == null ? null : limit.apply(renorm);
    }

    /// Returns the JSON name.
    public String field() {
        return word(this);
    }

    /// Returns the class of the values.
    public Class<?> type() {
        return type;
    }

    /// Returns the value in a configuration: a [Convention] or another choice, a [Double],
    /// [Integer], [Boolean], or null.
    public @Nullable Object of(Config config) {
        return value.apply(config);
    }

    /// Returns the value in JSON: a choice by its name, an integer as a [Long].
    public @Nullable Object onWire(Config config) {
        return switch (of(config)) {
            case Convention convention -> convention.word();
            case Enum<?> choice -> word(choice);
            case Integer integer -> (Long) (long) integer;
            case null -> null;
            case Object other -> other;
        };
    }

    /// Parses a value from JSON. An integer beyond 32 bits is clamped: the nearest within is
    /// equally out of range, or without effect.
    ///
    /// @throws InvalidConfig for an unknown choice
    public @Nullable Object parse(@Nullable Object onWire) {
        return switch (onWire) {
            case String word when type == Convention.class -> Convention.parse(word);
            case String word -> choice(type, field(), word);
            case Long integer when type == Integer.class ->
                    (Integer) Math.clamp(integer, Integer.MIN_VALUE, Integer.MAX_VALUE);
            case null -> null;
            case Object other -> other;
        };
    }

    /// The weight that `momentum` denotes.
    public enum MomentumMeaning {
        /// The new batch's weight: `alpha = momentum` (PyTorch).
        NEW_WEIGHT,
        /// The weight that the running value keeps: `alpha = 1 - momentum` (Keras, ONNX, most
        /// others).
        OLD_WEIGHT
    }

    /// The variance of a batch that the running variance averages.
    public enum RunningVariance {
        /// `M2 / m`
        BIASED,
        /// `M2 / (m - 1)`, Bessel's correction
        UNBIASED
    }

    /// The reduced axes.
    public enum ReductionScope {
        /// Every axis but the channel axis.
        SPATIAL,
        /// Axis 0 only.
        PER_ACTIVATION
    }

    /// The policy for a training batch with one value per channel.
    public enum SingleValuePolicy {
        REJECT,
        /// The variance is 0, so that the output is beta.
        ZERO_VARIANCE
    }

    /// The policy for a NaN or an infinity in a training batch.
    public enum NonFinitePolicy {
        REJECT,
        /// Propagates to the output and the running statistics, as in most libraries.
        PROPAGATE
    }

    public static String word(Enum<?> choice) {
        return choice.name().toLowerCase(Locale.ROOT);
    }

    /// Returns the value of a knob as text: a number as in JSON responses, an absent value as
    /// `null`.
    public static String text(@Nullable Object value) {
        return value instanceof Double number ? DecimalText.of(number) : String.valueOf(value);
    }

    /// @throws InvalidConfig when the name is unknown
    public static <E extends Enum<E>> E parse(Class<E> type, String field, String word) {
        return type.cast(choice(type, field, word));
    }

    private static Object choice(Class<?> type, String field, String word) {
        return Arrays.stream(type.getEnumConstants())
                .filter(choice -> word((Enum<?>) choice).equals(word))
                .findFirst()
                .orElseThrow(() -> new InvalidConfig(field, field + " must be " + words(type)));
    }

    private static String words(Class<?> type) {
        return Arrays.stream(type.getEnumConstants())
                .map(choice -> '"' + word((Enum<?>) choice) + '"')
                .collect(Collectors.joining(" or "));
    }
}
