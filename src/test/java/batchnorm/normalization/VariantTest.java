package batchnorm.normalization;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class VariantTest {

    @ParameterizedTest
    @ValueSource(doubles = {0, 0.25, 1})
    void aBlendIsAWeight(double blend) {
        assertThat(Variant.requireShare(blend)).isEqualTo(blend);
    }

    @ParameterizedTest
    @ValueSource(doubles = {-1e-300, 1.0000000000000002, Double.NaN})
    void refusesABlendThatIsNoWeight(double blend) {
        refuses("statistics_blend", () -> new Variant(false, false, blend, null, null));
    }

    @Test
    void aVirtualBatchHasASample() {
        assertThat(new Variant(false, false, 0, 1, null).virtualBatchSize()).isOne();
        refuses("virtual_batch_size", () -> new Variant(false, false, 0, 0, null));
    }

    @Test
    void refusesWithoutRunningStatisticsWhatNeedsThem() {
        Config untracked = Convention.PURE_PYTHON.config();
        Renorm renorm = new Renorm(3, 5);
        refuses("freeze_statistics", () -> untracked.with(new Variant(true, false, 0, null, null)));
        refuses("r_max", () -> untracked.with(new Variant(false, false, 0, null, renorm)));
        refuses(
                "statistics_blend",
                () -> untracked.with(new Variant(false, false, 1e-300, null, null)));
        Variant needless = new Variant(false, true, 0, 4, null);
        assertThat(untracked.with(needless).variant()).isEqualTo(needless);
    }

    @ParameterizedTest
    @CsvSource({
        "r_max, 0.9999999999999999, 0",
        "r_max, NaN, 0",
        "r_max, Infinity, 0",
        "d_max, 1, -1e-300",
        "d_max, 1, NaN",
        "d_max, 1, Infinity",
        "r_max, , 0",
        "d_max, 1, "
    })
    void refusesLimitsOfRenormThatClipNothingOrAreHalf(
            String knob, @Nullable Double rMax, @Nullable Double dMax) {
        refuses(knob, () -> Renorm.of(rMax, dMax));
    }

    @Test
    void theTightestLimitsOfRenormArePlainBatchNormalization() {
        Renorm tightest = new Renorm(1, 0);
        assertThat(tightest.r(7)).isOne();
        assertThat(tightest.r(0.1)).isOne();
        assertThat(tightest.d(-7)).isZero();
        assertThat(Renorm.of(1.0, 0.0)).isEqualTo(tightest);
        assertThat(Renorm.of(null, null)).isNull();
    }

    private static void refuses(String knob, ThrowingCallable making) {
        assertThatThrownBy(making)
                .isInstanceOfSatisfying(
                        InvalidConfig.class,
                        refused -> assertThat(refused.field()).isEqualTo(knob));
    }
}
