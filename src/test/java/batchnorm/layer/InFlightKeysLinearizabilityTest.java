package batchnorm.layer;

import org.jetbrains.lincheck.datastructures.IntGen;
import org.jetbrains.lincheck.datastructures.ModelCheckingOptions;
import org.jetbrains.lincheck.datastructures.Operation;
import org.jetbrains.lincheck.datastructures.Param;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/// Checks that a key has one holder under every interleaving that Lincheck tries.
@Tag("slow")
@Param(name = "key", gen = IntGen.class, conf = "0:1")
public class InFlightKeysLinearizabilityTest {
    private static final LayerName LAYER = new LayerName("layer");

    private final InFlightKeys keys = new InFlightKeys();

    /// @return whether the key is now the caller's
    @Operation
    public boolean claim(@Param(name = "key") int key) {
        try {
            keys.claim(LAYER, Integer.toString(key));
            return true;
        } catch (IdempotencyKeyInProgress held) {
            return false;
        }
    }

    @Operation
    public void giveBack(@Param(name = "key") int key) {
        keys.new Claim(LAYER, Integer.toString(key)).close();
    }

    @Test
    void aKeyHasOneHolderInEveryOrder() {
        new ModelCheckingOptions()
                .iterations(8)
                .invocationsPerIteration(60)
                .threads(2)
                .actorsPerThread(3)
                .check(getClass());
    }
}
