package batchnorm.layer;

import static batchnorm.layer.Registry.NAME;
import static batchnorm.layer.Registry.PYTORCH;
import static batchnorm.layer.Registry.features;
import static batchnorm.layer.Registry.unchanged;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import batchnorm.normalization.Knob;
import batchnorm.normalization.NonFiniteResult;
import batchnorm.normalization.NonFiniteValue;
import batchnorm.normalization.ShapeMismatch;
import batchnorm.normalization.Variant;
import batchnorm.optimizer.Adam;
import batchnorm.optimizer.Optimizer;
import batchnorm.optimizer.Sgd;
import java.nio.file.Path;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// Updates a layer with gamma (1, 1) and beta (0, 0). The optimizers have tests of their own; these
/// rules are `parameter - gradient`, or half of the last step more.
class ParameterUpdatesTest {
    private static final Optimizer PLAIN = new Sgd(1, 0, 0, false, 0);
    private static final Optimizer WITH_MOMENTUM = new Sgd(1, 0.5, 0, false, 0);
    private static final double[] ONES = {1, 1};

    private final Registry registry;
    private final Layers layers;
    private final ParameterUpdates updates;

    ParameterUpdatesTest(@TempDir Path directory) {
        registry = new Registry(directory);
        layers = registry.layers;
        updates = new ParameterUpdates(layers, registry.store);
    }

    @AfterEach
    void close() {
        registry.close();
    }

    private Layer create() {
        return layers.create(NAME, PYTORCH, features(2));
    }

    private Updated step(
            double @Nullable [] gradGamma, double @Nullable [] gradBeta, Optimizer optimizer) {
        return updates.apply(NAME, update(gradGamma, gradBeta, optimizer, false, null, null));
    }

    private static ParameterUpdate update(
            double @Nullable [] gradGamma,
            double @Nullable [] gradBeta,
            Optimizer optimizer,
            boolean restart,
            @Nullable String key,
            @Nullable String fingerprint) {
        return new ParameterUpdate(
                gradGamma, gradBeta, optimizer, restart, Precondition.NONE, key, fingerprint);
    }

    @Test
    void followTheGradients() {
        Layer before = create();
        Updated updated = step(new double[] {0.25, -1}, new double[] {2, 0}, PLAIN);
        assertThat(updated.parameters().gamma()).containsExactly(0.75, 2);
        assertThat(updated.parameters().beta()).containsExactly(-2, 0);
        assertThat(updated.version()).isEqualTo(2);
        assertThat(updated.tag()).isEqualTo(before.incarnation() + "-2");
        assertThat(updated.replayed()).isFalse();
        Layer after = layers.get(NAME);
        assertThat(after.version()).isEqualTo(2);
        assertThat(after.parameters()).isEqualTo(updated.parameters());
        assertThat(after.running()).isEqualTo(before.running());
    }

    @Test
    void leaveAloneWhatHasNoGradient() {
        create();
        assertThat(step(null, ONES, PLAIN).parameters().gamma()).containsExactly(1, 1);
        assertThat(step(ONES, null, PLAIN).parameters().beta()).containsExactly(-1, -1);
    }

    @Test
    void goOnWithWhatTheOptimizerRemembers() {
        create();
        step(ONES, ONES, WITH_MOMENTUM);
        Updated second = step(ONES, ONES, WITH_MOMENTUM);
        assertThat(second.parameters().gamma()).containsExactly(-1.5, -1.5);
        assertThat(second.parameters().beta()).containsExactly(-2.5, -2.5);
        step(ONES, null, WITH_MOMENTUM);
        Updated fourth = step(null, ONES, WITH_MOMENTUM);
        assertThat(fourth.parameters().beta())
                .as("what was remembered of beta outlived a step of gamma alone")
                .containsExactly(-4.25, -4.25);
    }

    @Test
    void restartOnRequestOrWithAnotherOptimizer() {
        create();
        step(ONES, ONES, WITH_MOMENTUM);
        Updated second = updates.apply(NAME, update(ONES, ONES, WITH_MOMENTUM, true, null, null));
        assertThat(second.parameters().gamma()).containsExactly(-1, -1);
        Optimizer adam = new Adam(1, 0.5, 0.5, 0, 0, false);
        assertThat(step(ONES, null, adam).parameters().gamma()).containsExactly(-2, -2);
        assertThat(step(ONES, null, WITH_MOMENTUM).parameters().gamma()).containsExactly(-3, -3);
    }

    @Test
    void happenOnceUnderTheirKey() {
        create();
        ParameterUpdate update = update(ONES, ONES, WITH_MOMENTUM, false, "key", "request");
        Updated first = updates.apply(NAME, update);
        step(ONES, ONES, WITH_MOMENTUM);
        Updated again = updates.apply(NAME, update);
        assertThat(again.replayed()).isTrue();
        assertThat(again.version()).isEqualTo(first.version());
        assertThat(again.tag()).isEqualTo(first.tag());
        assertThat(again.parameters().gamma()).isEqualTo(first.parameters().gamma());
        assertThat(layers.get(NAME).version()).isEqualTo(3);
        assertThatThrownBy(() ->
                        updates.apply(NAME, update(ONES, null, PLAIN, false, "key", "another")))
                .isInstanceOf(IdempotencyKeyReused.class);
        ParameterUpdate other = update(ONES, ONES, PLAIN, false, "other", "another");
        assertThat(updates.apply(NAME, other).replayed()).isFalse();
    }

    @Test
    void areMadeOnlyAtTheVersionThatWasMeant() {
        Layer layer = create();
        ParameterUpdate late =
                new ParameterUpdate(
                        ONES, ONES, PLAIN, false, new Precondition(Set.of("other-1")), null, null);
        assertThatThrownBy(() -> updates.apply(NAME, late)).isInstanceOf(VersionMismatch.class);
        assertThat(layers.get(NAME)).isEqualTo(layer);
    }

    @Test
    void needParameters() {
        layers.create(NAME, PYTORCH, unchanged());
        assertThatThrownBy(() -> step(ONES, null, PLAIN))
                .isInstanceOfSatisfying(
                        ShapeMismatch.class,
                        refused -> assertThat(refused.field()).isEqualTo("grad_gamma"))
                .hasMessageContaining("\"demo\" has no parameters yet");
        assertThatThrownBy(() -> step(null, ONES, PLAIN))
                .isInstanceOfSatisfying(
                        ShapeMismatch.class,
                        refused -> assertThat(refused.field()).isEqualTo("grad_beta"));
    }

    @Test
    void refuseGradientsThatDoNotFit() {
        create();
        assertThatThrownBy(() -> step(new double[3], null, PLAIN))
                .isInstanceOf(ShapeMismatch.class)
                .hasMessage("grad_gamma has 3 values, but the layer has 2 features");
        LayerName bare = new LayerName("bare");
        layers.create(bare, PYTORCH.with(Knob.SHIFT, false), features(2));
        assertThatThrownBy(() -> updates.apply(bare, update(ONES, ONES, PLAIN, false, null, null)))
                .isInstanceOf(ShapeMismatch.class)
                .hasMessageContaining("the layer has no beta, \"shift\" is false");
        assertThat(layers.get(bare).version()).isEqualTo(1);
    }

    @Test
    void refuseWhatIsOrWouldBecomeInfinite() {
        Layer layer = create();
        assertThatThrownBy(() -> step(ONES, new double[] {0, Double.NaN}, PLAIN))
                .isInstanceOf(NonFiniteValue.class)
                .hasMessageStartingWith("grad_beta[1] is NaN");
        Optimizer huge = new Sgd(1e300, 0, 0, false, 0);
        assertThatThrownBy(() -> step(new double[] {0, 1e300}, null, huge))
                .isInstanceOf(NonFiniteResult.class)
                .hasMessageStartingWith("gamma[1] would become -Infinity");
        assertThat(layers.get(NAME)).isEqualTo(layer);
        assertThat(step(ONES, ONES, WITH_MOMENTUM).parameters().gamma())
                .as("and nothing is remembered")
                .containsExactly(0, 0);
    }

    @Test
    void leaveFrozenParametersAlone() {
        Variant frozen = new Variant(false, true, 0, null, null);
        layers.create(NAME, PYTORCH.with(frozen), features(2));
        assertThatThrownBy(() -> step(ONES, null, PLAIN)).isInstanceOf(LayerFrozen.class);
    }
}
