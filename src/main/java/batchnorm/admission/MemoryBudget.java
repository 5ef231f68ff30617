package batchnorm.admission;

import batchnorm.codec.BodyTooLarge;
import batchnorm.layer.Overloaded;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.NavigableSet;
import java.util.TreeSet;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;

/// The memory budget that all in-flight requests share. A request reserves what it holds and the
/// next step, grows as its body arrives, and waits while the budget is exhausted.
///
/// Requests that hold memory while they wait for more do not deadlock, for these reasons:
/// 1. One request never holds more than its share. The share fits into what large requests may hold
///    together, so a single request never waits.
/// 2. Memory is granted to the oldest waiting request first.
/// 3. If every request that holds memory waits for more, the youngest of them is rejected and its
///    memory released. This repeats until the oldest one fits, by 1 at the latest.
/// 4. A request that holds memory and does not wait for more ends in bounded time: bodies and
///    readers must keep a minimum rate. Each wait is bounded too.
///
/// Small requests have a reserved lane that large ones never use. While a large request waits,
/// small ones use only that lane. Neither kind starves the other.
final class MemoryBudget {
    /// One request may hold all of the budget but this part: three quarters.
    private static final long SHARE_PARTS = 4;

    /// The part of the budget reserved for small requests: an eighth.
    private static final long LANE_PARTS = 8;

    /// The largest part of the budget that a small request holds.
    private static final long SMALL_PARTS = 64;

    private final long total;
    private final long share;
    private final long lane;
    private final long small;
    private final int maxWaiting;
    private final ReentrantLock lock = new ReentrantLock();
    private final NavigableSet<Holding> waiting =
            new TreeSet<>(Comparator.comparingLong((Holding holding) -> holding.age));
    private long ages;
    private long used;
    private long usedByLarge;
    private int holders;
    private long lastWait;

    /// @param total bytes
    /// @param maxWaiting requests that may wait for their first bytes; one more is rejected
    MemoryBudget(long total, int maxWaiting) {
        this.total = total;
        this.share = Math.max(1, total - total / SHARE_PARTS);
        this.lane = total / LANE_PARTS;
        this.small = total / SMALL_PARTS;
        this.maxWaiting = maxWaiting;
    }

    /// The memory of one request. Younger requests yield to older ones.
    final class Holding {
        private final long age;
        private final Condition changed = lock.newCondition();
        private long held;
        private long requested;
        private boolean isRejected;

        private Holding(long age) {
            this.age = age;
        }

        long bytes() {
            return held;
        }

        private boolean isLarge() {
            return held + requested > small;
        }
    }

    Holding open() {
        lock.lock();
        try {
            return new Holding(ages++);
        } finally {
            lock.unlock();
        }
    }

    /// Returns the bytes that one request may hold.
    long share() {
        return share;
    }

    /// Reserves more memory if it is available without waiting.
    ///
    /// @throws BodyTooLarge beyond one request's share; the holding is empty then
    boolean tryGrow(Holding holding, long bytes) {
        lock.lock();
        try {
            request(holding, bytes);
            if (isFirst(holding) && fits(holding)) {
                grant(holding);
                return true;
            }
            holding.requested = 0;
            return false;
        } finally {
            lock.unlock();
        }
    }

    /// Reserves more memory, waiting if necessary.
    ///
    /// @param timeout nanoseconds
    /// @return what is left of the timeout
    /// @throws BodyTooLarge beyond one request's share; the holding is empty then
    /// @throws Overloaded if the memory is not available in time or older requests need it; the
    ///   holding is empty then
    long grow(Holding holding, long bytes, long timeout) {
        lock.lock();
        try {
            request(holding, bytes);
            if (isFirst(holding) && fits(holding)) {
                grant(holding);
                lastWait = 0;
                return timeout;
            }
            return await(holding, timeout);
        } finally {
            lock.unlock();
        }
    }

    private void request(Holding holding, long bytes) {
        holding.requested = bytes;
        if (holding.held + bytes > share) {
            empty(holding);
            throw new BodyTooLarge(
                    "the request takes more than "
                            + share
                            + " bytes of memory with its result; split the batch, request fewer layers at once,"
                            + " or raise BATCHNORM_IN_FLIGHT_BYTES and the heap");
        }
    }

    private long await(Holding holding, long timeout) {
        if (holding.held == 0 && waiting.size() >= maxWaiting) {
            holding.requested = 0;
            throw overloaded();
        }
        long start = System.nanoTime();
        holding.isRejected = false;
        waiting.add(holding);
        settle();
        try {
            long left = timeout;
            while (waiting.contains(holding) && left > 0) {
                left = holding.changed.awaitNanos(left);
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
        if (waiting.contains(holding) || holding.isRejected) {
            empty(holding);
            throw overloaded();
        }
        lastWait = System.nanoTime() - start;
        return Math.max(0, timeout - lastWait);
    }

    /// Releases all memory of a request.
    void release(Holding holding) {
        lock.lock();
        try {
            empty(holding);
        } finally {
            lock.unlock();
        }
    }

    private void empty(Holding holding) {
        waiting.remove(holding);
        holding.requested = 0;
        if (holding.held > 0) {
            used -= holding.held;
            usedByLarge -= holding.isLarge() ? holding.held : 0;
            holding.held = 0;
            holders--;
        }
        settle();
    }

    /// Grants what fits, the oldest first in each lane. Resolves a deadlock by rejecting the
    /// youngest holder.
    private void settle() {
        if (waiting.isEmpty()) {
            return;
        }
        boolean[] isBlocked = new boolean[2];
        for (Holding next : new ArrayList<>(waiting)) {
            int kind = next.isLarge() ? 1 : 0;
            if (!isBlocked[kind] && fits(next)) {
                waiting.remove(next);
                grant(next);
                next.changed.signal();
            } else {
                isBlocked[kind] = true;
            }
        }
        List<Holding> stuck = waiting.stream().filter(holding -> holding.held > 0).toList();
        if (!stuck.isEmpty() && stuck.size() == holders) {
            Holding youngest = stuck.getLast();
            youngest.isRejected = true;
            waiting.remove(youngest);
            youngest.changed.signal();
        }
    }

    private boolean isFirst(Holding holding) {
        for (Holding older : waiting) {
            if (older.age > holding.age) {
                return true;
            }
            if (older.isLarge() == holding.isLarge()) {
                return false;
            }
        }
        return true;
    }

    private boolean fits(Holding holding) {
        if (used + holding.requested > total) {
            return false;
        }
        if (holding.isLarge()) {
            return usedByLarge + moreOfLarge(holding) <= total - lane;
        }
        return used - usedByLarge + holding.requested <= lane
                || waiting.stream().noneMatch(Holding::isLarge);
    }

    /// Returns the growth of the large lane, with all that a request held while it was small.
    private long moreOfLarge(Holding holding) {
        return holding.held > small ? holding.requested : holding.held + holding.requested;
    }

    private void grant(Holding holding) {
        used += holding.requested;
        usedByLarge += holding.isLarge() ? moreOfLarge(holding) : 0;
        holders += holding.held == 0 ? 1 : 0;
        holding.held += holding.requested;
        holding.requested = 0;
    }

    /// Suggests a delay of one to two times the latest wait. The random spread keeps rejected
    /// requests from retrying together.
    private Overloaded overloaded() {
        double spread = 1 + ThreadLocalRandom.current().nextDouble();
        return new Overloaded(
                "in-flight requests exhaust the memory budget; nothing was changed",
                Duration.ofNanos((long) (spread * (double) lastWait)));
    }

    /// Returns the bytes that requests hold.
    long used() {
        lock.lock();
        try {
            return used;
        } finally {
            lock.unlock();
        }
    }

    /// Returns the number of requests that wait for memory.
    int waiting() {
        lock.lock();
        try {
            return waiting.size();
        } finally {
            lock.unlock();
        }
    }
}
