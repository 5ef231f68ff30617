package batchnorm.admission;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import batchnorm.codec.BodyTooLarge;
import batchnorm.fixtures.RandomSeed;
import batchnorm.layer.Overloaded;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;

/// Of 6,400 bytes, one request holds up to 4,800, and up to 100 are small. Large requests leave 800
/// to small ones.
class MemoryBudgetTest {
    private static final long PATIENCE = TimeUnit.SECONDS.toNanos(30);
    private final Random random = RandomSeed.random(1);
    private final MemoryBudget budget = new MemoryBudget(6_400, 10);

    @Test
    void oneRequestHoldsItsShareAndNoMore() {
        MemoryBudget.Holding request = holding(4_800);
        assertThatExceptionOfType(BodyTooLarge.class)
                .isThrownBy(() -> budget.grow(request, 1, PATIENCE))
                .withMessageContaining("4800 bytes");
        assertThat(budget.used()).as("a refused request holds nothing").isZero();
    }

    @Test
    void aRequestThatGrowsWaitsForRoom() throws Exception {
        MemoryBudget.Holding older = holding(4_000);
        MemoryBudget.Holding younger = holding(1_000);
        CompletableFuture<Void> grows = grow(younger, 2_000);
        awaitWaiting(1);
        assertThat(grows).isNotDone();
        budget.release(older);
        grows.get(10, TimeUnit.SECONDS);
        assertThat(younger.bytes()).isEqualTo(3_000);
    }

    @Test
    void roomGoesToTheOldestFirst() throws Exception {
        MemoryBudget.Holding blocking = holding(3_000);
        MemoryBudget.Holding older = holding(1_000);
        MemoryBudget.Holding younger = holding(1_000);
        CompletableFuture<Void> second = grow(younger, 2_500);
        awaitWaiting(1);
        CompletableFuture<Void> first = grow(older, 2_500);
        awaitWaiting(2);
        budget.release(blocking);
        first.get(10, TimeUnit.SECONDS);
        assertThat(second).isNotDone();
        budget.release(older);
        second.get(10, TimeUnit.SECONDS);
    }

    /// Each holds half of what it needs, so neither could ever continue.
    @Test
    void wereAllToWaitForEachOtherTheYoungestIsRefused() throws Exception {
        MemoryBudget.Holding older = holding(2_600);
        MemoryBudget.Holding younger = holding(2_600);
        CompletableFuture<Void> first = grow(older, 2_000);
        awaitWaiting(1);
        CompletableFuture<Void> second = grow(younger, 2_000);
        assertRefused(second);
        first.get(10, TimeUnit.SECONDS);
        assertThat(older.bytes()).isEqualTo(4_600);
        assertThat(younger.bytes()).isZero();
    }

    @Test
    void aLargeRequestDoesNotKeepSmallOnesOut() throws Exception {
        MemoryBudget.Holding slow = holding(3_000);
        MemoryBudget.Holding other = holding(2_600);
        CompletableFuture<Void> waits = grow(other, 2_000);
        awaitWaiting(1);
        List<MemoryBudget.Holding> small = new ArrayList<>();
        for (int i = 0; i < 8; i++) {
            small.add(holding(100));
        }
        assertThat(budget.tryGrow(budget.open(), 100)).as("the lane is full").isFalse();
        assertThat(waits).isNotDone();
        small.forEach(budget::release);
        budget.release(slow);
        waits.get(10, TimeUnit.SECONDS);
    }

    @Test
    void aWaitEndsWithItsPatienceAndLeavesNothing() {
        holding(4_800);
        MemoryBudget.Holding late = holding(700);
        assertThatThrownBy(() -> budget.grow(late, 1_000, TimeUnit.MILLISECONDS.toNanos(5)))
                .isInstanceOf(Overloaded.class);
        assertThat(late.bytes()).isZero();
        assertThat(budget.used()).isEqualTo(4_800);
        assertThat(budget.waiting()).isZero();
    }

    @Test
    void oneWaitingRequestTooManyIsRefused() {
        MemoryBudget few = new MemoryBudget(6_400, 0);
        few.grow(few.open(), 4_800, PATIENCE);
        assertThatExceptionOfType(Overloaded.class)
                .isThrownBy(() -> few.grow(few.open(), 1_000, PATIENCE));
    }

    /// Many clients that exceed the budget together: each is served or rejected, and the budget is
    /// empty afterwards.
    @Test
    void requestsThatGrowTogetherNeverStop() throws Exception {
        AtomicInteger served = new AtomicInteger();
        AtomicInteger refused = new AtomicInteger();
        CountDownLatch start = new CountDownLatch(1);
        List<CompletableFuture<Void>> requests = new ArrayList<>();
        for (int i = 0; i < 200; i++) {
            requests.add(
                    CompletableFuture.runAsync(
                            () -> {
                                MemoryBudget.Holding request = budget.open();
                                try {
                                    start.await();
                                    grow(request);
                                    served.incrementAndGet();
                                } catch (Overloaded overloaded) {
                                    refused.incrementAndGet();
                                } catch (InterruptedException e) {
                                    throw new IllegalStateException(e);
                                } finally {
                                    budget.release(request);
                                }
                            },
                            Thread::startVirtualThread));
        }
        start.countDown();
        for (CompletableFuture<Void> request : requests) {
            request.get(20, TimeUnit.SECONDS);
        }
        assertThat(served.get()).isPositive();
        assertThat(served.get() + refused.get()).isEqualTo(200);
        assertThat(budget.used()).isZero();
        assertThat(budget.waiting()).isZero();
    }

    private void grow(MemoryBudget.Holding request) throws InterruptedException {
        int steps = random.nextInt(1, 48);
        for (int step = 0; step < steps; step++) {
            budget.grow(request, 100, PATIENCE);
            assertThat(budget.used()).isLessThanOrEqualTo(6_400);
            if (step % 8 == 0) {
                Thread.sleep(1);
            }
        }
    }

    private MemoryBudget.Holding holding(long bytes) {
        MemoryBudget.Holding holding = budget.open();
        budget.grow(holding, bytes, PATIENCE);
        return holding;
    }

    private CompletableFuture<Void> grow(MemoryBudget.Holding holding, long bytes) {
        return CompletableFuture.runAsync(
                () -> budget.grow(holding, bytes, PATIENCE), Thread::startVirtualThread);
    }

    private static void assertRefused(CompletableFuture<Void> grows) {
        assertThatExceptionOfType(ExecutionException.class)
                .isThrownBy(() -> grows.get(10, TimeUnit.SECONDS))
                .withCauseInstanceOf(Overloaded.class);
    }

    private void awaitWaiting(int number) throws InterruptedException {
        while (budget.waiting() != number) {
            Thread.sleep(1);
        }
    }
}
