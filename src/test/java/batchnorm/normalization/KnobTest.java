package batchnorm.normalization;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Arrays;
import java.util.Objects;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/// Tests every knob of the table, including future ones.
public class KnobTest {
    /// A configuration without null knobs.
    public static final Config CONFIG =
            Convention.KERAS
                    .config()
                    .with(Knob.EPSILON_FLOOR, 1e-5)
                    .with(new Variant(false, false, 0.25, 3, new Renorm(2, 1)));

    /// Returns a configuration that differs from [#CONFIG] by this knob; in a layer that does not
    /// track its statistics, by the variant too.
    public static Config changed(Knob knob) {
        Config base = knob == Knob.TRACK_RUNNING_STATS ? CONFIG.with(Variant.PLAIN) : CONFIG;
        return base.with(knob, other(knob));
    }

    private static Object other(Knob knob) {
        return switch (Objects.requireNonNull(knob.of(CONFIG), knob.field() + " of CONFIG")) {
            case Double number -> number / 2;
            case Integer integer -> integer + 1;
            case Boolean bool -> !bool;
            case Enum<?> choice ->
                    Arrays.stream(choice.getDeclaringClass().getEnumConstants())
                            .filter(constant -> !constant.equals(choice))
                            .findFirst()
                            .orElseThrow();
            case Object value -> throw new AssertionError(value.getClass());
        };
    }

    @ParameterizedTest
    @EnumSource
    void changesWithoutTheOthers(Knob changed) {
        Config before = changed(changed).with(changed, changed.of(CONFIG));
        Config config = before.with(changed, other(changed));
        for (Knob knob : Knob.values()) {
            assertThat(knob.of(config))
                    .as(knob.field())
                    .isEqualTo(knob == changed ? other(knob) : knob.of(before));
        }
    }

    @ParameterizedTest
    @EnumSource
    void comesBackFromTheWire(Knob knob) {
        assertThat(knob.parse(knob.onWire(CONFIG))).isEqualTo(knob.of(CONFIG));
    }

    @ParameterizedTest
    @EnumSource
    void standsInTheListOfAllByItsName(Knob knob) {
        assertThat(CONFIG.knobs(1)).containsEntry(knob.field(), knob.onWire(CONFIG));
    }

    @ParameterizedTest
    @EnumSource
    void isReportedByAConversion(Knob knob) {
        assertThat(Conversion.of(CONFIG, null, Convention.PYTORCH).knobs())
                .extracting(Conversion.KnobChange::knob)
                .contains(knob.field());
    }

    @Test
    void onlyAlphaAndTheInitialVarianceFollowFromOthers() {
        Set<String> derived = CONFIG.knobs(1).sequencedKeySet();
        for (Knob knob : Knob.values()) {
            derived.remove(knob.field());
        }
        assertThat(derived).containsExactly("alpha", "initial_running_var");
    }
}
