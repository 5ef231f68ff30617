package batchnorm.normalization;

import batchnorm.tensor.DecimalText;
import java.util.Arrays;
import java.util.Locale;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/// The knobs that choose among words. A word on the wire is the constant's name in lower case.
public final class Knob {
    private Knob() {}

    /// Which weight `momentum` is.
    public enum MomentumMeaning {
        /// The new batch's weight: `alpha = momentum` (PyTorch).
        NEW_WEIGHT,
        /// The weight that the running value keeps: `alpha = 1 - momentum` (Keras, ONNX, most
        /// others).
        OLD_WEIGHT
    }

    /// Which variance of a batch the running variance averages.
    public enum RunningVariance {
        /// `M2 / m`
        BIASED,
        /// `M2 / (m - 1)`, Bessel's correction
        UNBIASED
    }

    /// Which axes are reduced.
    public enum Scope {
        /// Every axis but the channel axis.
        SPATIAL,
        /// Axis 0 only.
        PER_ACTIVATION
    }

    /// What a training batch with one value per channel does.
    public enum SingleValuePolicy {
        REJECT,
        /// Its variance is 0, so the output is beta.
        ZERO_VARIANCE
    }

    /// What a NaN or an infinity in a training batch does.
    public enum NonFinitePolicy {
        REJECT,
        /// It spreads into the output and the running statistics, as in most libraries.
        PROPAGATE
    }

    public static String word(Enum<?> choice) {
        return choice.name().toLowerCase(Locale.ROOT);
    }

    /// The value of a knob as text: a number as JSON responses write it, a missing value as `null`.
    public static String text(@Nullable Object value) {
        return value instanceof Double number ? DecimalText.of(number) : String.valueOf(value);
    }

    /// @throws InvalidConfig when no constant has that word
    public static <E extends Enum<E>> E parse(Class<E> type, String field, String word) {
        return Arrays.stream(type.getEnumConstants())
                .filter(choice -> word(choice).equals(word))
                .findFirst()
                .orElseThrow(() -> new InvalidConfig(field, field + " must be " + words(type)));
    }

    private static <E extends Enum<E>> String words(Class<E> type) {
        return Arrays.stream(type.getEnumConstants())
                .map(choice -> '"' + word(choice) + '"')
                .collect(Collectors.joining(" or "));
    }
}
