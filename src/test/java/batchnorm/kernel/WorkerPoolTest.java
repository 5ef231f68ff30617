package batchnorm.kernel;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.fail;
import static org.assertj.core.api.Assumptions.assumeThat;

import java.lang.ref.WeakReference;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicIntegerArray;
import java.util.function.Consumer;
import java.util.function.IntPredicate;
import java.util.stream.IntStream;
import org.junit.jupiter.api.RepeatedTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

@Timeout(20)
class WorkerPoolTest {

    @ParameterizedTest
    @ValueSource(ints = {1, 2, 3, 8})
    void runsEachPartOnce(int threads) {
        for (int parts : new int[] {0, 1, 2, 7, 1000}) {
            AtomicIntegerArray runs = new AtomicIntegerArray(parts);
            WorkerPool cores = new WorkerPool(threads);
            assertThat(cores.all(parts, part -> runs.incrementAndGet(part) == 1)).isTrue();
            assertThat(cores.allBackwards(parts, part -> runs.incrementAndGet(part) == 2)).isTrue();
            assertThat(IntStream.range(0, parts).map(runs::get)).allMatch(count -> count == 2);
        }
    }

    @ParameterizedTest
    @ValueSource(ints = {1, 2, 3})
    void returnsWhetherAllPartsAgree(int threads) {
        for (int odd = 0; odd < 50; odd++) {
            int dissenter = odd;
            assertThat(new WorkerPool(threads).all(50, part -> part != dissenter)).isFalse();
        }
    }

    @Test
    void oneThreadGoesThroughAllInOrder() {
        List<Integer> parts = new ArrayList<>();
        assertThat(new WorkerPool(1).all(4, parts::add)).isTrue();
        assertThat(new WorkerPool(1).allBackwards(4, parts::add)).isTrue();
        assertThat(parts).containsExactly(0, 1, 2, 3, 3, 2, 1, 0);
    }

    /// Two threads begin with their own halves, the caller with the first, even for an odd number
    /// of parts.
    @Test
    void eachThreadBeginsWithItsOwnShare() {
        assumeThat(Runtime.getRuntime().availableProcessors()).isGreaterThan(1);
        WorkerPool cores = new WorkerPool(2);
        assertBeginsWith(first -> cores.all(10, first), 0, 5);
        assertBeginsWith(first -> cores.allBackwards(10, first), 4, 9);
        assertBeginsWith(first -> cores.all(11, first), 0, 5);
        assertBeginsWith(first -> cores.allBackwards(11, first), 4, 10);
    }

    /// Retries until both threads wait: a helper that arrives after the caller has finished proves
    /// nothing.
    private static void assertBeginsWith(
            Consumer<IntPredicate> run, int callersFirst, int helpersFirst) {
        for (int attempt = 0; attempt < 100; attempt++) {
            Map<Thread, Integer> first = new ConcurrentHashMap<>();
            CountDownLatch begun = new CountDownLatch(2);
            AtomicInteger met = new AtomicInteger();
            run.accept(part -> {
                if (first.putIfAbsent(Thread.currentThread(), part) == null && meets(begun)) {
                    met.incrementAndGet();
                }
                return true;
            });
            if (met.get() == 2) {
                assertThat(first).containsEntry(Thread.currentThread(), callersFirst);
                assertThat(first.values()).containsExactlyInAnyOrder(callersFirst, helpersFirst);
                return;
            }
        }
        fail("two threads never began together");
    }

    @Test
    void aFailureReachesTheCallerAndHarmsNobodyElse() {
        WorkerPool cores = new WorkerPool(2);
        for (int bad : new int[] {0, 50, 99}) {
            assertThatThrownBy(() ->
                            cores.all(
                                    100,
                                    part -> {
                                        if (part == bad) {
                                            throw new ArithmeticException("part " + bad);
                                        }
                                        return true;
                                    }))
                    .hasRootCauseMessage("part " + bad);
        }
        assertThat(cores.all(100, part -> true)).isTrue();
    }

    /// Each of two parts waits for the other to begin. Retries, since a helper of the previous test
    /// may still be leaving.
    @Test
    void helpersComeWhileThereAreProcessors() {
        assumeThat(Runtime.getRuntime().availableProcessors()).isGreaterThan(1);
        for (int attempt = 0; attempt < 100; attempt++) {
            CountDownLatch begun = new CountDownLatch(2);
            if (new WorkerPool(2).all(2, part -> meets(begun))) {
                return;
            }
        }
        fail("two parts never ran at the same time");
    }

    /// Includes spinning helpers that find jobs by themselves.
    @RepeatedTest(20)
    void noMoreJoinThanMay() {
        assertThat(new WorkerPool(2).all(50, part -> spin())).isTrue();
        Set<Thread> workers = ConcurrentHashMap.newKeySet();
        for (int i = 0; i < 20; i++) {
            workers.clear();
            assertThat(
                            new WorkerPool(2)
                                    .all(
                                            20,
                                            part -> {
                                                workers.add(Thread.currentThread());
                                                return spin();
                                            }))
                    .isTrue();
            assertThat(workers).hasSizeBetween(1, 2);
        }
    }

    /// Results may be large.
    @Test
    void nothingOfAJobIsKept() throws Exception {
        byte[] large = new byte[1 << 20];
        WeakReference<byte[]> kept = new WeakReference<>(large);
        assertThat(alternate(large)).isTrue();
        large = null;
        for (int attempt = 0; attempt < 100 && kept.get() != null; attempt++) {
            System.gc();
            Thread.sleep(10);
        }
        assertThat(kept.get()).isNull();
    }

    private static boolean alternate(byte[] large) {
        return new WorkerPool(2).all(100, part -> spin() && large.length > part);
    }

    private static boolean meets(CountDownLatch begun) {
        begun.countDown();
        try {
            return begun.await(100, TimeUnit.MILLISECONDS);
        } catch (InterruptedException stopped) {
            Thread.currentThread().interrupt();
            return false;
        }
    }

    @Test
    void manyCallersNeitherQueueNorDeadlock() throws Exception {
        try (var callers = Executors.newVirtualThreadPerTaskExecutor()) {
            List<Future<Boolean>> answers = new ArrayList<>();
            for (int caller = 0; caller < 200; caller++) {
                answers.add(callers.submit(() -> new WorkerPool(4).all(20, part -> spin())));
            }
            for (Future<Boolean> answer : answers) {
                assertThat(answer.get()).isTrue();
            }
        }
    }

    @Test
    void helpersAreFewerThanProcessors() throws Exception {
        AtomicInteger helping = new AtomicInteger();
        AtomicInteger most = new AtomicInteger();
        try (var callers = Executors.newVirtualThreadPerTaskExecutor()) {
            List<Future<Boolean>> answers = new ArrayList<>();
            for (int caller = 0; caller < 64; caller++) {
                answers.add(
                        callers.submit(() ->
                                new WorkerPool(8).all(20, part -> watchHelpers(helping, most))));
            }
            for (Future<Boolean> answer : answers) {
                assertThat(answer.get()).isTrue();
            }
        }
        assertThat(most.get()).isLessThan(Runtime.getRuntime().availableProcessors());
    }

    /// Callers are virtual threads here; helpers are not.
    private static boolean watchHelpers(AtomicInteger helping, AtomicInteger most) {
        if (Thread.currentThread().isVirtual()) {
            return spin();
        }
        most.accumulateAndGet(helping.incrementAndGet(), Math::max);
        spin();
        return helping.decrementAndGet() >= 0;
    }

    private static boolean spin() {
        long end = System.nanoTime() + 50_000;
        while (System.nanoTime() < end) {
            Thread.onSpinWait();
        }
        return true;
    }
}
