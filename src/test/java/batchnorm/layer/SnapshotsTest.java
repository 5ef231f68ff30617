package batchnorm.layer;

import static batchnorm.layer.Registry.BATCH;
import static batchnorm.layer.Registry.NAME;
import static batchnorm.layer.Registry.PYTORCH;
import static batchnorm.layer.Registry.START;
import static batchnorm.layer.Registry.features;
import static batchnorm.layer.Registry.unchanged;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import batchnorm.layer.Comparison.Difference;
import batchnorm.layer.LayerPatch.Vector;
import batchnorm.normalization.Convention;
import batchnorm.normalization.Knob;
import java.nio.file.Path;
import java.util.Set;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// Tests the registry's snapshots; `SnapshotContract` tests their durable storage.
class SnapshotsTest {
    private final Registry registry;
    private final Layers layers;
    private final Snapshots snapshots;

    SnapshotsTest(@TempDir Path directory) {
        registry = new Registry(directory);
        layers = registry.layers;
        snapshots = new Snapshots(layers, registry.store, 2);
    }

    @AfterEach
    void close() {
        registry.close();
    }

    private Layer create(LayerPatch revision) {
        return layers.create(NAME, PYTORCH, revision);
    }

    private Layer train() {
        registry.passes.forwardTrain(NAME, BATCH, TrainRequest.PLAIN);
        return layers.get(NAME);
    }

    @Test
    void summarizeTheSavedVersion() {
        create(unchanged());
        Layer kept = train();
        registry.now = START.plusSeconds(5);
        SnapshotSummary taken = snapshots.take(NAME, "before tuning");
        assertThat(taken).isEqualTo(new SnapshotSummary(1, "before tuning", registry.now, 2, 2, 1));
        assertThat(snapshots.list(NAME)).containsExactly(taken);
        assertThat(snapshots.get(NAME, 1).layer()).usingRecursiveComparison().isEqualTo(kept);
    }

    @Test
    void areAsManyAsALayerMayHave() {
        create(features(2));
        snapshots.take(NAME, null);
        snapshots.take(NAME, null);
        assertThatThrownBy(() -> snapshots.take(NAME, null))
                .isInstanceOf(SnapshotLimit.class)
                .hasMessageContaining("has 2 snapshots");
        snapshots.delete(NAME, 2);
        assertThat(snapshots.take(NAME, null).id()).isEqualTo(3);
    }

    @Test
    void comeBackAsTheNextVersion() {
        create(features(2));
        snapshots.take(NAME, null);
        Layer trained = train();
        Precondition late = new Precondition(Set.of("other-1"));
        assertThatThrownBy(() -> snapshots.restore(NAME, 1, late))
                .isInstanceOf(VersionMismatch.class);
        assertThat(layers.get(NAME)).isEqualTo(trained);
        Precondition current = new Precondition(Set.of(trained.tag()));
        Layer restored = snapshots.restore(NAME, 1, current);
        assertThat(restored.version()).isEqualTo(3);
        assertThat(restored.batches()).isZero();
        assertThat(layers.get(NAME)).isEqualTo(restored);
    }

    @Test
    void nameWhatIsMissing() {
        ThrowingCallable[] ofNoLayer = {
            () -> snapshots.take(NAME, null),
            () -> snapshots.list(NAME),
            () -> snapshots.get(NAME, 1),
            () -> snapshots.delete(NAME, 1)
        };
        for (ThrowingCallable call : ofNoLayer) {
            assertThatThrownBy(call).isInstanceOf(LayerNotFound.class);
        }
        create(features(2));
        snapshots.take(NAME, null);
        ThrowingCallable[] ofNoSnapshot = {
            () -> snapshots.get(NAME, 2),
            () -> snapshots.restore(NAME, 2, Precondition.NONE),
            () -> snapshots.delete(NAME, 2),
            () -> snapshots.compare(NAME, 1L, 2L)
        };
        for (ThrowingCallable call : ofNoSnapshot) {
            assertThatThrownBy(call)
                    .isInstanceOf(SnapshotNotFound.class)
                    .hasMessageContaining("\"demo\" has no snapshot 2");
        }
        assertThat(snapshots.list(NAME)).hasSize(1);
    }

    @Test
    void areComparedVectorByVector() {
        create(features(3));
        snapshots.take(NAME, null);
        layers.revise(
                NAME,
                Precondition.NONE,
                unchanged()
                        .with(Vector.GAMMA, new double[] {1, 3, -1})
                        .with(Vector.RUNNING_MEAN, new double[] {0, 0, -7}));
        Comparison comparison = snapshots.compare(NAME, 1L, null);
        assertThat(comparison.from().version()).isEqualTo(1);
        assertThat(comparison.to().version()).isEqualTo(2);
        assertThat(comparison.differences())
                .containsExactly(
                        new Difference(Vector.GAMMA, 2, 1),
                        new Difference(Vector.BETA, 0, 0),
                        new Difference(Vector.RUNNING_MEAN, 7, 2),
                        new Difference(Vector.RUNNING_VAR, 0, 0));
        assertThat(snapshots.compare(NAME, null, 1L).differences())
                .isEqualTo(comparison.differences());
    }

    @Test
    void areComparedOnlyInWhatBothHave() {
        create(unchanged());
        snapshots.take(NAME, "no features yet");
        layers.revise(NAME, Precondition.NONE, features(2));
        assertThat(snapshots.compare(NAME, 1L, null).differences()).isEmpty();
        assertThat(snapshots.compare(NAME, 1L, 1L).differences()).isEmpty();
        LayerName bare = new LayerName("bare");
        layers.create(bare, Convention.PURE_PYTHON.config().with(Knob.SHIFT, false), features(2));
        assertThat(snapshots.compare(bare, null, null).differences())
                .extracting(Difference::vector)
                .containsExactly(Vector.GAMMA);
    }
}
