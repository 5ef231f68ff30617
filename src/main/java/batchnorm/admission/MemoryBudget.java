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

/// Memory that all requests in work share. A request reserves what it holds and the next step, and
/// grows as its body arrives; it waits where there is no room.
///
/// Requests that hold memory and wait for more could wait for each other. They do not, for these
/// reasons:
/// 1. One request never holds more than its share. The share fits into what large requests may hold
///    together, so a request that is alone never waits.
/// 2. Room is granted to the oldest waiting request first.
/// 3. Where every request that holds memory waits for more, the youngest of them is refused, and
///    its memory is free at once. This repeats until the oldest one fits, by 1 at the latest.
/// 4. A request that holds memory and does not wait for more ends in bounded time: bodies and
///    readers are held to a rate. Each wait is bounded too.
///
/// Small requests have a lane of their own that large ones never take. While a large request waits,
/// small ones use nothing but that lane, so neither kind keeps the other out.
final class MemoryBudget {
    /// The part of the budget that one request may hold: three quarters.
    private static final long SHARE_PARTS = 4;

    /// The part of the budget that is left to small requests: an eighth.
    private static final long LANE_PARTS = 8;

    /// The part of the budget up to which a request is small.
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
    /// @param maxWaiting requests that may wait for their first bytes; one more is refused
    MemoryBudget(long total, int maxWaiting) {
        this.total = total;
        this.share = Math.max(1, total - total / SHARE_PARTS);
        this.lane = total / LANE_PARTS;
        this.small = total / SMALL_PARTS;
        this.maxWaiting = maxWaiting;
    }

    /// What one request holds. Younger ones make way for older ones.
    final class Holding {
        private final long age;
        private final Condition changed = lock.newCondition();
        private long held;
        private long wanted;
        private boolean isRefused;

        private Holding(long age) {
            this.age = age;
        }

        long bytes() {
            return held;
        }

        private boolean isLarge() {
            return held + wanted > small;
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

    /// Bytes that one request may hold.
    long share() {
        return share;
    }

    /// Reserves more if there is room now.
    ///
    /// @throws BodyTooLarge beyond one request's share; the holding is empty then
    boolean tryGrow(Holding holding, long bytes) {
        lock.lock();
        try {
            want(holding, bytes);
            if (isFirst(holding) && fits(holding)) {
                grant(holding);
                return true;
            }
            holding.wanted = 0;
            return false;
        } finally {
            lock.unlock();
        }
    }

    /// Reserves more, and waits for room if need be.
    ///
    /// @param patience nanoseconds
    /// @return what is left of the patience
    /// @throws BodyTooLarge beyond one request's share; the holding is empty then
    /// @throws Overloaded when there is no room in time, or others go first; the holding is empty
    ///   then
    long grow(Holding holding, long bytes, long patience) {
        lock.lock();
        try {
            want(holding, bytes);
            if (isFirst(holding) && fits(holding)) {
                grant(holding);
                lastWait = 0;
                return patience;
            }
            return await(holding, patience);
        } finally {
            lock.unlock();
        }
    }

    private void want(Holding holding, long bytes) {
        holding.wanted = bytes;
        if (holding.held + bytes > share) {
            empty(holding);
            throw new BodyTooLarge(
                    "the request takes more than "
                            + share
                            + " bytes of memory with its result; split the batch, request fewer layers at once,"
                            + " or raise BATCHNORM_IN_FLIGHT_BYTES and the heap");
        }
    }

    private long await(Holding holding, long patience) {
        if (holding.held == 0 && waiting.size() >= maxWaiting) {
            holding.wanted = 0;
            throw overloaded();
        }
        long start = System.nanoTime();
        holding.isRefused = false;
        waiting.add(holding);
        settle();
        try {
            long left = patience;
            while (waiting.contains(holding) && left > 0) {
                left = holding.changed.awaitNanos(left);
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
        if (waiting.contains(holding) || holding.isRefused) {
            empty(holding);
            throw overloaded();
        }
        lastWait = System.nanoTime() - start;
        return Math.max(0, patience - lastWait);
    }

    /// Gives all of it back.
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
        holding.wanted = 0;
        if (holding.held > 0) {
            used -= holding.held;
            usedByLarge -= holding.isLarge() ? holding.held : 0;
            holding.held = 0;
            holders--;
        }
        settle();
    }

    /// Grants what fits, the oldest first in each lane, and breaks a circle of requests that wait
    /// for each other.
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
            youngest.isRefused = true;
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
        if (used + holding.wanted > total) {
            return false;
        }
        if (holding.isLarge()) {
            return usedByLarge + moreOfLarge(holding) <= total - lane;
        }
        return used - usedByLarge + holding.wanted <= lane
                || waiting.stream().noneMatch(Holding::isLarge);
    }

    /// All that it holds, where it was small until now.
    private long moreOfLarge(Holding holding) {
        return holding.held > small ? holding.wanted : holding.held + holding.wanted;
    }

    private void grant(Holding holding) {
        used += holding.wanted;
        usedByLarge += holding.isLarge() ? moreOfLarge(holding) : 0;
        holders += holding.held == 0 ? 1 : 0;
        holding.held += holding.wanted;
        holding.wanted = 0;
    }

    /// The queue is likely to take as long again as it just took. Requests that were refused
    /// together should not come back together.
    private Overloaded overloaded() {
        double spread = 1 + ThreadLocalRandom.current().nextDouble();
        return new Overloaded(
                "other requests fill the memory of requests in work; nothing was changed",
                Duration.ofNanos((long) (spread * (double) lastWait)));
    }

    /// Bytes that requests hold.
    long used() {
        lock.lock();
        try {
            return used;
        } finally {
            lock.unlock();
        }
    }

    /// Requests that wait for room.
    int waiting() {
        lock.lock();
        try {
            return waiting.size();
        } finally {
            lock.unlock();
        }
    }
}
