package batchnorm.layer;

import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.junit.jupiter.api.Test;

class KeysInProgressTest {
    private static final LayerName LAYER = new LayerName("demo");

    private final KeysInProgress keys = new KeysInProgress();

    @Test
    void haveOneHolderEach() {
        try (KeysInProgress.Claim _ = keys.claim(LAYER, "key")) {
            assertThatThrownBy(() -> keys.claim(LAYER, "key"))
                    .isInstanceOf(IdempotencyKeyInProgress.class);
        }
        keys.claim(LAYER, "key").close();
    }

    /// `Aa` and `BB` have the same hash.
    @Test
    void differByTheirTextAndByTheirLayer() {
        try (KeysInProgress.Claim _ = keys.claim(LAYER, "Aa");
                KeysInProgress.Claim _ = keys.claim(LAYER, "BB");
                KeysInProgress.Claim _ = keys.claim(new LayerName("other"), "Aa")) {
            assertThatThrownBy(() -> keys.claim(LAYER, "BB"))
                    .isInstanceOf(IdempotencyKeyInProgress.class);
        }
    }
}
