package batchnorm.layer;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

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
import java.time.InstantSource;
import org.junit.jupiter.api.Test;

class ContextStoreTest {
    private static final Duration TIME_TO_LIVE = Duration.ofMinutes(10);

    /// The bytes of one context of [#pass]: 512 bytes of objects, 100·2 doubles, 4 vectors of 2.
    private static final long ONE = 512 + 1600 + 64;

    private Instant now = Instant.parse("2026-11-22T00:00:00Z");
    private final InstantSource clock = () -> now;
    private final ContextStore contexts = contexts(new byte[32], "here");
    private final Layer layer = layer("demo");

    private ContextStore contexts(byte[] secret, String replica) {
        return new ContextStore(3 * ONE, TIME_TO_LIVE, clock, new Replica(replica, secret));
    }

    @Test
    void giveBackThePassOfTheirId() {
        ForwardPass first = pass();
        ForwardPass second = pass();
        String firstId = save(first);
        String secondId = save(second);
        assertThat(contexts.use(layer, secondId)).isSameAs(second);
        assertThat(contexts.use(layer, firstId)).isSameAs(first);
        assertThat(contexts.use(layer, firstId)).as("a retry").isSameAs(first);
    }

    @Test
    void refuseANewOneRatherThanDropAPromise() {
        String first = save(pass());
        save(pass());
        save(pass());
        assertThatThrownBy(this::save)
                .isInstanceOf(ContextBudgetExceeded.class)
                .hasMessageContaining("\"save_context\": false");
        assertThat(contexts.use(layer, first)).isNotNull();
    }

    /// Fills the budget with three contexts, a minute apart.
    @Test
    void nameTheTimeUntilEnoughOfTheOldestExpire() {
        save(pass());
        now = now.plusSeconds(60);
        save(pass());
        now = now.plusSeconds(60);
        save(pass());
        assertThat(untilRoom(ONE)).isEqualTo(TIME_TO_LIVE.minusSeconds(120));
        assertThat(untilRoom(2 * ONE)).isEqualTo(TIME_TO_LIVE.minusSeconds(60));
        assertThat(untilRoom(4 * ONE)).as("never: when the last expires").isEqualTo(TIME_TO_LIVE);
        now = now.plusSeconds(30);
        assertThat(untilRoom(ONE)).isEqualTo(TIME_TO_LIVE.minusSeconds(150));
    }

    private Duration untilRoom(long bytes) {
        return catchThrowableOfType(ContextBudgetExceeded.class, () -> contexts.reserve(bytes))
                .untilRoom();
    }

    @Test
    void dropTheLeastRecentlyUsedOfThoseThatWereUsed() {
        String first = save(pass());
        String second = save(pass());
        String third = save(pass());
        contexts.use(layer, second);
        contexts.use(layer, first);
        contexts.use(layer, second);
        save(pass());
        assertThatThrownBy(() -> contexts.use(layer, first)).isInstanceOf(ContextGone.class);
        assertThat(contexts.use(layer, second)).isNotNull();
        assertThat(contexts.use(layer, third)).isNotNull();
    }

    @Test
    void holdAnEndlessTrainingLoopInAFixedBudget() {
        for (int step = 0; step < 10_000; step++) {
            contexts.use(layer, save(pass()));
        }
        assertThat(contexts.promisedBytes()).isZero();
        assertThat(contexts.spareBytes()).isEqualTo(3 * ONE);
        assertThat(contexts.size()).isEqualTo(3);
    }

    @Test
    void endWithTheirTimeToLive() {
        String id = save(pass());
        now = now.plus(TIME_TO_LIVE).minusMillis(1);
        save(pass());
        assertThat(contexts.size()).isEqualTo(2);
        now = now.plusMillis(1);
        assertThatThrownBy(() -> contexts.use(layer, id)).isInstanceOf(ContextGone.class);
        assertThat(contexts.promisedBytes()).isEqualTo(ONE);
    }

    @Test
    void giveBackTheRoomOfAReservationThatCameToNothing() {
        try (ContextStore.Reservation reservation = reserve(pass())) {
            assertThat(reservation.id()).isNotNull();
            assertThat(contexts.promisedBytes()).isEqualTo(ONE);
        }
        assertThat(contexts.promisedBytes()).isZero();
    }

    @Test
    void distinguishExpiredIdsFromUnknownOnes() {
        String id = save(pass());
        ContextStore afterRestart = contexts(new byte[32], "here");
        assertThatThrownBy(() -> afterRestart.use(layer, id)).isInstanceOf(ContextGone.class);
        byte[] otherSecret = new byte[32];
        otherSecret[0] = 1;
        ContextStore elsewhere = contexts(otherSecret, "here");
        assertThatThrownBy(() -> elsewhere.use(layer, id)).isInstanceOf(ContextUnknown.class);
        for (String nonsense : new String[] {"", "x", "!!!", id + "AAAA", id.substring(1)}) {
            assertThatThrownBy(() -> contexts.use(layer, nonsense))
                    .isInstanceOf(ContextUnknown.class);
        }
    }

    @Test
    void belongToTheReplicaThatMadeThem() {
        String id = save(pass());
        ContextStore elsewhere = contexts(new byte[32], "there");
        assertThatThrownBy(() -> elsewhere.use(layer, id))
                .isInstanceOf(ContextElsewhere.class)
                .hasMessageContaining("the replica that ran")
                .hasMessageContaining("\"input\"");
        contexts.forget(layer);
        assertThatThrownBy(() -> contexts.use(layer, id)).isInstanceOf(ContextGone.class);
    }

    @Test
    void mayComeBackOnAnotherReplicaThanTheOneThatMadeThem() {
        String id = save(pass());
        ContextStore elsewhere = contexts(new byte[32], "there");
        ForwardPass again = pass();
        elsewhere.restore(id, layer, again);
        assertThat(elsewhere.use(layer, id)).isSameAs(again);
    }

    @Test
    void belongToOneLayer() {
        String id = save(pass());
        assertThatThrownBy(() -> contexts.use(layer("other"), id))
                .isInstanceOf(ContextUnknown.class)
                .hasMessageContaining("another layer");
    }

    @Test
    void goWithTheirLayer() {
        String unused = save(pass());
        String used = save(pass());
        contexts.use(layer, used);
        contexts.forget(layer);
        assertThat(contexts.promisedBytes() + contexts.spareBytes()).isZero();
        assertThatThrownBy(() -> contexts.use(layer, unused)).isInstanceOf(ContextGone.class);
    }

    @Test
    void comeBackUnderTheirIdWhenAStepIsReplayed() {
        String id = save(pass());
        contexts.use(layer, id);
        ForwardPass again = pass();
        contexts.restore(id, layer, again);
        assertThat(contexts.size()).as("still held: not kept twice").isEqualTo(1);
        contexts.forget(layer);
        contexts.restore(id, layer, again);
        assertThat(contexts.use(layer, id)).isSameAs(again);
    }

    @Test
    void areFilledOnce() {
        try (ContextStore.Reservation reservation = reserve(pass())) {
            reservation.fill(layer, pass());
            assertThatThrownBy(() -> reservation.fill(layer, pass()))
                    .isInstanceOf(IllegalStateException.class);
        }
        assertThat(contexts.promisedBytes()).isEqualTo(ONE);
    }

    /// Two concurrent retries of one step.
    @Test
    void countOnceWhatIsFilledTwiceUnderOneId() {
        ContextStore.Reservation first = contexts.reserve(ONE, "id");
        ContextStore.Reservation second = contexts.reserve(ONE, "id");
        first.fill(layer, pass());
        second.fill(layer, pass());
        assertThat(contexts.promisedBytes()).isEqualTo(ONE);
        ContextStore.Reservation third = contexts.reserve(ONE, "id");
        contexts.take(layer, "id");
        third.fill(layer, pass());
        assertThat(contexts.promisedBytes()).isEqualTo(ONE);
        assertThat(contexts.spareBytes()).isZero();
    }

    @Test
    void haveRoomForOtherThings() {
        try (ContextStore.Reservation reservation = contexts.reserve(2 * ONE)) {
            assertThat(reservation.id()).isNotEmpty();
            assertThat(contexts.promisedBytes()).isEqualTo(2 * ONE);
            save(pass());
            assertThatThrownBy(() -> contexts.reserve(1)).isInstanceOf(ContextBudgetExceeded.class);
        }
        assertThat(contexts.promisedBytes()).isEqualTo(ONE);
    }

    @Test
    void knowTheRoomOfAPassThatIsStillToCome() {
        Tensor doubles = Tensor.of(Shape.of(100, 2), new double[200]);
        try (ContextStore.Reservation reservation = contexts.reserve(doubles, 2)) {
            assertThat(reservation.id()).isNotEmpty();
            assertThat(contexts.promisedBytes()).isEqualTo(ONE);
        }
        Tensor floats = Tensor.of(Shape.of(100, 2), new float[200]);
        try (ContextStore.Reservation reservation = contexts.reserve(floats, 2)) {
            assertThat(reservation.id()).isNotEmpty();
            assertThat(contexts.promisedBytes()).isEqualTo(ONE - 800);
        }
    }

    @Test
    void makeRoomWhenTheirTimeIsOver() {
        save(pass());
        save(pass());
        save(pass());
        now = now.plus(TIME_TO_LIVE);
        save(pass());
        assertThat(contexts.size()).isEqualTo(1);
        assertThat(contexts.promisedBytes()).isEqualTo(ONE);
    }

    @Test
    void comeBackWhenTheirTimeIsOver() {
        String id = save(pass());
        now = now.plus(TIME_TO_LIVE);
        ForwardPass again = pass();
        contexts.restore(id, layer, again);
        assertThat(contexts.promisedBytes()).isEqualTo(ONE);
        assertThat(contexts.use(layer, id)).isSameAs(again);
    }

    @Test
    void areForgottenOneByOne() {
        String unused = save(pass());
        String used = save(pass());
        contexts.use(layer, used);
        contexts.forget(unused);
        assertThat(contexts.promisedBytes()).isZero();
        assertThat(contexts.spareBytes()).isEqualTo(ONE);
        contexts.forget(used);
        contexts.forget(used);
        assertThat(contexts.spareBytes()).isZero();
        assertThat(contexts.size()).isZero();
    }

    @Test
    void stayWhenAnotherLayerGoes() {
        String id = save(pass());
        contexts.forget(layer("other"));
        assertThat(contexts.use(layer, id)).isNotNull();
        contexts.forget(layer("other"));
        assertThat(contexts.use(layer, id)).isNotNull();
    }

    private String save() {
        return save(pass());
    }

    private String save(ForwardPass pass) {
        try (ContextStore.Reservation reservation = reserve(pass)) {
            reservation.fill(layer, pass);
            return reservation.id();
        }
    }

    private ContextStore.Reservation reserve(ForwardPass pass) {
        return contexts.reserve(pass);
    }

    private static ForwardPass pass() {
        Config config = Convention.PYTORCH.config();
        BatchNormalization operator = new BatchNormalization(new ScalarKernel());
        double[] values = new double[200];
        for (int i = 0; i < values.length; i++) {
            values[i] = i;
        }
        Tensor input = Tensor.of(Shape.of(100, 2), values);
        return operator.train(
                input, operator.statistics(input, config), Parameters.initial(config, 2), config);
    }

    private static Layer layer(String name) {
        return Layer.create(
                new LayerName(name),
                Convention.PYTORCH.config(),
                new LayerPatch(config -> config).withFeatures(2),
                Instant.EPOCH);
    }
}
