package batchnorm.layer;

import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.junit.jupiter.api.Test;

class InFlightKeysTest {
    private static final LayerName LAYER = new LayerName("demo");

    private final InFlightKeys keys = new InFlightKeys();

    @Test
    void haveOneHolderEach() {
        try (InFlightKeys.Claim _ = keys.claim(LAYER, "key")) {
            assertThatThrownBy(() -> keys.claim(LAYER, "key"))
                    .isInstanceOf(IdempotencyKeyInProgress.class);
        }
        keys.claim(LAYER, "key").close();
    }

    /// `Aa` and `BB` have the same hash.
    @Test
    void differByTheirTextAndByTheirLayer() {
        try (InFlightKeys.Claim _ = keys.claim(LAYER, "Aa");
                InFlightKeys.Claim _ = keys.claim(LAYER, "BB");
                InFlightKeys.Claim _ = keys.claim(new LayerName("other"), "Aa")) {
            assertThatThrownBy(() -> keys.claim(LAYER, "BB"))
                    .isInstanceOf(IdempotencyKeyInProgress.class);
        }
    }
}
