package batchnorm.layer;

import batchnorm.kernel.ScalarKernel;
import batchnorm.normalization.BatchNormalization;
import batchnorm.normalization.Config;
import batchnorm.normalization.Convention;
import batchnorm.normalization.ForwardPass;
import batchnorm.normalization.Parameters;
import batchnorm.tensor.Shape;
import batchnorm.tensor.Tensor;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import org.jetbrains.lincheck.datastructures.IntGen;
import org.jetbrains.lincheck.datastructures.ModelCheckingOptions;
import org.jetbrains.lincheck.datastructures.Operation;
import org.jetbrains.lincheck.datastructures.Param;
import org.jetbrains.lincheck.datastructures.Validate;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/// Checks the byte accounting of contexts under every interleaving that Lincheck tries. Every
/// reader sees the exact bytes of some order of the calls.
@Tag("slow")
@Param(name = "slot", gen = IntGen.class, conf = "0:1")
public class ContextStoreLinearizabilityTest {
    private static final Replica HERE = new Replica("here", new byte[32]);
    private static final List<String> IDS = List.of("first", "second", "third");
    private static final Layer LAYER =
            Layer.create(
                    new LayerName("layer"),
                    Convention.PYTORCH.config(),
                    new LayerPatch(config -> config).withFeatures(1),
                    Instant.EPOCH);
    private static final ForwardPass PASS = pass();

    /// The bytes of one context of [#PASS]: 512 bytes of objects, two doubles, four vectors of one.
    private static final long ONE = 512 + 16 + 32;

    private final ContextStore contexts =
            new ContextStore(2 * ONE, Duration.ofMinutes(1), () -> Instant.EPOCH, HERE);
    private ContextStore.@Nullable Reservation reservation;

    private static ForwardPass pass() {
        Config config = Convention.PYTORCH.config();
        BatchNormalization operator = new BatchNormalization(new ScalarKernel());
        Tensor input = Tensor.of(Shape.of(2, 1), 1.0, 2.0);
        return operator.train(
                input, operator.statistics(input, config), Parameters.initial(config, 1), config);
    }

    @Operation
    public void save(@Param(name = "slot") int slot) {
        contexts.keep(IDS.get(slot), LAYER, PASS);
    }

    @Operation
    @SuppressWarnings("ReferenceEquality") // compares identity
    public boolean use(@Param(name = "slot") int slot) {
        return contexts.take(LAYER, IDS.get(slot)) == PASS;
    }

    /// The first half of a forward pass; [#fill] or [#cancel] is the second.
    @Operation(nonParallelGroup = "one forward")
    public void reserve() {
        if (reservation == null) {
            reservation = contexts.reserve(ONE, IDS.getLast());
        }
    }

    @Operation(nonParallelGroup = "one forward")
    public void fill() {
        if (reservation != null) {
            reservation.fill(LAYER, PASS);
            reservation = null;
        }
    }

    @Operation(nonParallelGroup = "one forward")
    public void cancel() {
        if (reservation != null) {
            reservation.close();
            reservation = null;
        }
    }

    @Operation
    public void forget() {
        contexts.forget(LAYER);
    }

    @Operation
    public long promised() {
        return contexts.promisedBytes();
    }

    /// Runs at the end of every execution.
    @Validate
    public void theLedgerIsTheSumOfWhatIsHeld() {
        int held = contexts.size() + (reservation == null ? 0 : 1);
        long bytes = contexts.promisedBytes() + contexts.spareBytes();
        if (bytes != held * ONE) { // AssertJ's equals throws, which upsets Lincheck
            throw new IllegalStateException(bytes + " bytes of " + held + " contexts");
        }
    }

    @Test
    void theLedgerIsExactInEveryOrder() {
        new ModelCheckingOptions()
                .iterations(15)
                .invocationsPerIteration(60)
                .threads(2)
                .actorsBefore(3)
                .actorsPerThread(2)
                .actorsAfter(2)
                .check(getClass());
    }
}
