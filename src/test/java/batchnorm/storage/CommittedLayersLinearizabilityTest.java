package batchnorm.storage;

import static java.util.Objects.requireNonNull;

import batchnorm.layer.Layer;
import batchnorm.layer.LayerName;
import org.jetbrains.lincheck.datastructures.ModelCheckingOptions;
import org.jetbrains.lincheck.datastructures.Operation;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/// A writer commits and publishes, readers load concurrently, and the cache evicts at any time.
/// Under every interleaving that Lincheck tries, a read sees the last reported commit and never an
/// older version.
@Tag("slow")
public class CommittedLayersLinearizabilityTest {
    private static final LayerName NAME = Samples.name("layer");
    private static final int SCHEDULES = Integer.getInteger("batchnorm.lincheck.schedules", 20);

    private final CommittedLayers committed = new CommittedLayers(1 << 20);

    /// The version on disk.
    private volatile Layer stored = Samples.layer(NAME, 1);

    /// There is one committer.
    @Operation(nonParallelGroup = "committer")
    public long commit() {
        Layer next = stored.trained(Samples.batch(1, 1), Samples.NOW);
        stored = next;
        committed.put(next);
        return next.version();
    }

    @Operation
    public long read() {
        return requireNonNull(committed.get(NAME, _ -> stored)).version();
    }

    @Operation
    public void evict() {
        committed.forget(NAME);
    }

    /// The cache takes so many steps of its own that one scenario takes a second. Ten scenarios
    /// find a load that does not exclude the committer.
    @Test
    void aReadNeverGoesBackInAnyOrder() {
        new ModelCheckingOptions()
                .iterations(Integer.getInteger("batchnorm.lincheck.iterations", 1))
                .invocationsPerIteration(SCHEDULES)
                .threads(2)
                .actorsPerThread(3)
                .check(getClass());
    }
}
