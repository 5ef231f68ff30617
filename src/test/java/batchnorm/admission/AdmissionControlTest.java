package batchnorm.admission;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import batchnorm.codec.BodyTooLarge;
import batchnorm.layer.Overloaded;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.BooleanSupplier;
import org.junit.jupiter.api.RepeatedTest;
import org.junit.jupiter.api.Test;

/// Permits for memory and for processors, and the order of waiting requests.
class AdmissionControlTest {
    private static final Duration LONG = Duration.ofSeconds(30);

    @Test
    void asManyComputeAsMayAndOneMoreWaits() throws Exception {
        AdmissionControl admission = admission(2, 1, LONG);
        AdmissionControl.Reservation first = admission.admit();
        AdmissionControl.Reservation second = admission.admit();
        CompletableFuture<AdmissionControl.Reservation> third = arrive(admission);
        awaitWaiting(admission, 1);
        assertThat(admission.computing()).isEqualTo(2);
        assertThatExceptionOfType(Overloaded.class)
                .isThrownBy(() -> admission.admit())
                .withMessageContaining("processors");
        first.close();
        third.get(10, TimeUnit.SECONDS).close();
        second.close();
        assertThat(admission.computing()).isZero();
        assertThat(admission.inFlightBytes()).isZero();
    }

    @Test
    void whoWaitsForSomethingElseLetsOthersCompute() throws Exception {
        AdmissionControl admission = admission(1, 1, LONG);
        AdmissionControl.Reservation slow = admission.admit();
        AdmissionControl.Pause pause = slow.pause();
        AdmissionControl.Reservation quick = admission.admit();
        slow.pause().close(); // nested: no effect
        assertThat(admission.computing()).isEqualTo(1);
        pause.close(); // reacquires without waiting
        slow.resume();
        assertThat(admission.computing()).isEqualTo(2);
        CompletableFuture<AdmissionControl.Reservation> next = arrive(admission);
        awaitWaiting(admission, 1);
        quick.close(); // the other still computes, which is the limit
        assertThat(admission.waitingToCompute()).isEqualTo(1);
        slow.close();
        next.get(10, TimeUnit.SECONDS).close();
        assertThat(admission.computing()).isZero();
    }

    @Test
    void whoGivesItsPlaceUpAndEndsDoesNotGiveItUpTwice() {
        AdmissionControl admission = admission(1, 1, LONG);
        AdmissionControl.Reservation reservation = admission.admit();
        assertThat(reservation.pause()).isNotNull();
        reservation.close();
        reservation.close();
        assertThat(admission.computing()).isZero();
        assertThat(admission.inFlightBytes()).isZero();
    }

    /// Otherwise a request that computes could wait for memory of a request that waits for the
    /// processor.
    @Test
    void aRequestThatWaitsForMemoryLetsOthersCompute() throws Exception {
        AdmissionControl admission = admission(1, 1, LONG);
        AdmissionControl.Reservation first = admission.admit();
        AdmissionControl.Pause pause = first.pause();
        first.add(700_000);
        CompletableFuture<Void> grows =
                CompletableFuture.runAsync(
                        () -> {
                            try (AdmissionControl.Reservation second = admission.admit()) {
                                second.add(700_000);
                            }
                        },
                        Thread::startVirtualThread);
        await(() -> admission.waiting() == 1);
        assertThat(admission.computing()).isZero();
        pause.close();
        first.close();
        grows.get(10, TimeUnit.SECONDS);
        assertThat(admission.inFlightBytes()).isZero();
        assertThat(admission.computing()).isZero();
    }

    @Test
    void aRequestHoldsWhatHasArrivedOrWhatItBecame() {
        AdmissionControl admission = admission(1, 1, LONG);
        try (AdmissionControl.Reservation request = admission.admit()) {
            request.cover(10_000);
            assertThat(request.bytes()).isBetween(10_000L, 14_096L);
            request.add(8_000); // arrays that replace the ten thousand bytes
            assertThat(request.bytes()).isBetween(10_000L, 14_096L);
            request.add(92_000);
            assertThat(request.bytes()).isBetween(100_000L, 104_096L);
            request.cover(Long.MAX_VALUE); // text is never held as a whole
            assertThat(request.bytes()).isEqualTo((1 << 20) / 4 * 3);
            assertThatExceptionOfType(BodyTooLarge.class)
                    .isThrownBy(() -> request.add(1 << 20))
                    .withMessageContaining("BATCHNORM_IN_FLIGHT_BYTES");
            assertThat(request.bytes()).as("a rejected request holds nothing").isZero();
        }
        assertThat(admission.inFlightBytes()).isZero();
    }

    @Test
    void whoWaitsTooLongForAProcessorGivesItsMemoryBack() {
        AdmissionControl admission = admission(1, 1, Duration.ofMillis(1));
        try (AdmissionControl.Reservation _ = admission.admit()) {
            long before = admission.inFlightBytes();
            assertThatExceptionOfType(Overloaded.class).isThrownBy(() -> admission.admit());
            assertThat(admission.inFlightBytes()).isEqualTo(before);
            assertThat(admission.waitingToCompute()).isZero();
        }
    }

    /// Between one and two times the latest wait.
    @Test
    void whoIsRefusedIsToldToComeWhenTheQueueIsLikelyToBeShorter() throws Exception {
        AdmissionControl admission = admission(1, 1, LONG);
        AdmissionControl.Reservation first = admission.admit();
        assertThat(refused(admission(1, 0, LONG), 2).untilRetry()).isZero(); // no request waited
        CompletableFuture<AdmissionControl.Reservation> second = arrive(admission);
        awaitWaiting(admission, 1);
        long waitedFrom = System.nanoTime();
        Thread.sleep(50);
        Duration waited = Duration.ofNanos(System.nanoTime() - waitedFrom);
        first.close();
        AdmissionControl.Reservation computes = second.get(10, TimeUnit.SECONDS);
        CompletableFuture<AdmissionControl.Reservation> third = arrive(admission);
        awaitWaiting(admission, 1);
        assertThat(refused(admission, 1).untilRetry()).isGreaterThanOrEqualTo(waited);
        computes.close();
        third.get(10, TimeUnit.SECONDS).close();
    }

    /// Waiting requests wake each other on the same carrier threads, so a new request would start
    /// early only by chance.
    @RepeatedTest(5)
    void whoComesWhileAQueueIsWorkedOffIsHeardBeforeItsEnd() throws Exception {
        int processors = Runtime.getRuntime().availableProcessors();
        int requests = 100 * processors;
        RequestExecutor arrivals = new RequestExecutor();
        AdmissionControl admission = admission(processors, requests, LONG, arrivals);
        AtomicInteger done = new AtomicInteger();
        for (int i = 0; i < requests; i++) {
            arrivals.execute(() -> {
                try (AdmissionControl.Reservation _ = admission.admit()) {
                    long end = System.nanoTime() + 5_000_000;
                    while (System.nanoTime() < end) {
                        Thread.onSpinWait();
                    }
                }
                done.incrementAndGet();
            });
        }
        await(() -> done.get() >= requests / 10);
        int before = done.get();
        for (int i = 0; i < 4; i++) {
            CompletableFuture<Integer> late = new CompletableFuture<>();
            arrivals.execute(() -> late.complete(done.get()));
            assertThat(late.get(60, TimeUnit.SECONDS)).isLessThan(before + requests / 4);
        }
        await(() -> done.get() == requests);
    }

    /// Exhausts the permits and then requests another.
    private static Overloaded refused(AdmissionControl admission, int requests) {
        Overloaded[] refusal = new Overloaded[1];
        assertThatExceptionOfType(Overloaded.class)
                .isThrownBy(() -> {
                    for (int i = 0; i < requests; i++) {
                        admission.admit();
                    }
                })
                .satisfies(thrown -> refusal[0] = thrown);
        return refusal[0];
    }

    private static CompletableFuture<AdmissionControl.Reservation> arrive(
            AdmissionControl admission) {
        return CompletableFuture.supplyAsync(() -> admission.admit(), Thread::startVirtualThread);
    }

    private static void await(BooleanSupplier condition) throws InterruptedException {
        while (!condition.getAsBoolean()) {
            Thread.sleep(1);
        }
    }

    private static void awaitWaiting(AdmissionControl admission, int number)
            throws InterruptedException {
        await(() -> admission.waitingToCompute() == number);
    }

    private static AdmissionControl admission(int computing, int waiting, Duration timeout) {
        return admission(computing, waiting, timeout, new RequestExecutor());
    }

    private static AdmissionControl admission(
            int computing, int waiting, Duration timeout, RequestExecutor arrivals) {
        Duration grace = Duration.ofSeconds(10);
        return new AdmissionControl(
                new RequestLimits(
                        1 << 20, 1 << 20, 64, 1 << 20, computing, waiting, timeout, grace, 1, grace,
                        grace, 0, grace),
                arrivals);
    }
}
