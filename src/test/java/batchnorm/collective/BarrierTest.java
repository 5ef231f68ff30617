package batchnorm.collective;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.time.Duration;
import java.util.List;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;

class BarrierTest {
    private static final Duration LONG = Duration.ofSeconds(30);
    private static final Duration SHORT = Duration.ofMillis(200);
    private final AtomicInteger made = new AtomicInteger();

    private Barrier<String, String> of(int size, Duration timeout) {
        return new Barrier<>(
                "step 3",
                size,
                timeout,
                parts -> {
                    made.incrementAndGet();
                    return String.join("", parts);
                });
    }

    @Test
    void joinsPartsInRankOrderForAnyOrderOfArrival() throws Exception {
        int[][] arrivals = {{0, 1, 2}, {0, 2, 1}, {1, 0, 2}, {1, 2, 0}, {2, 0, 1}, {2, 1, 0}};
        for (int[] order : arrivals) {
            Barrier<String, String> meeting = of(3, LONG);
            List<Future<String>> results =
                    Workers.all(
                            () ->
                                    meeting.meet(
                                            order[0], "f", "abc".substring(order[0], order[0] + 1)),
                            () ->
                                    meeting.meet(
                                            order[1], "f", "abc".substring(order[1], order[1] + 1)),
                            () ->
                                    meeting.meet(
                                            order[2],
                                            "f",
                                            "abc".substring(order[2], order[2] + 1)));
            for (Future<String> result : results) {
                assertThat(result.get()).isEqualTo("abc");
            }
        }
        assertThat(made).hasValue(arrivals.length);
    }

    @Test
    void reportsMissingRanksToAllMembers() throws Exception {
        Barrier<String, String> meeting = of(4, SHORT);
        List<Future<String>> results =
                Workers.all(() -> meeting.meet(0, "f", "a"), () -> meeting.meet(2, "f", "c"));
        for (Future<String> result : results) {
            assertThat(Workers.failure(result))
                    .isInstanceOf(SyncTimeout.class)
                    .hasMessageStartingWith("ranks 1, 3 did not reach step 3 within 0.2 s");
        }
        assertThat(meeting.hasFailed()).isTrue();
        assertThatThrownBy(() -> meeting.meet(1, "f", "b"))
                .as("too late")
                .isInstanceOf(SyncTimeout.class);
        assertThat(made).hasValue(0);
    }

    @Test
    void letsAMemberThatComesAgainWaitWithTheOthers() throws Exception {
        Barrier<String, String> meeting = of(2, LONG);
        List<Future<String>> results =
                Workers.all(
                        () -> meeting.meet(0, "f", "a"),
                        () -> meeting.meet(0, "f", "a"),
                        () -> meeting.meet(1, "f", "b"));
        for (Future<String> result : results) {
            assertThat(result.get()).isEqualTo("ab");
        }
        assertThat(meeting.meet(1, "f", "b")).as("and later").isEqualTo("ab");
        assertThat(made).hasValue(1);
    }

    @Test
    void refusesAnotherPartOfTheSameRank() throws Exception {
        Barrier<String, String> meeting = of(2, LONG);
        Workers.all(() -> meeting.meet(0, "f", "a"), () -> meeting.meet(1, "f", "b"));
        assertThatThrownBy(() -> meeting.meet(1, "g", "x"))
                .isInstanceOf(PartConflict.class)
                .hasMessageContaining("rank 1");
    }

    @Test
    void failsForAllAlike() throws Exception {
        Barrier<String, String> meeting =
                new Barrier<>(
                        "step 3",
                        2,
                        LONG,
                        parts -> {
                            throw new IllegalArgumentException("both");
                        });
        List<Future<String>> results =
                Workers.all(() -> meeting.meet(0, "f", "a"), () -> meeting.meet(1, "f", "b"));
        for (Future<String> result : results) {
            assertThat(Workers.failure(result)).hasMessage("both");
        }
        assertThat(meeting.hasFailed()).isTrue();
    }
}
