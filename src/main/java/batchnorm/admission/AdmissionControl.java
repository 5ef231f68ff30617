package batchnorm.admission;

import batchnorm.layer.Overloaded;

/// Bounds the requests in work: by the bytes that they hold, and by their number at the processors.
///
/// A request holds what has arrived of its body, the arrays that this becomes, its result and the
/// vectors of its layers; it never holds what it only announces. So a slow body costs as much
/// memory as it has sent. [MemoryBudget] has the argument why requests that grow do not wait for
/// each other forever.
///
/// A place at the processors is held only while a processor is wanted. A request that waits for a
/// slow client, for memory or for a commit releases it meanwhile ([Reservation#pause]) and takes it
/// back without waiting again: requests that have begun go first. So neither two thousand slow
/// clients nor a hundred steps that become durable together keep others from computing.
public final class AdmissionControl {
    /// Bytes by which a request grows, and the least that it holds.
    static final int STEP = 4096;

    /// The part of the requests that may wait which may do so before they run at all.
    private static final int UNHEARD = 16;

    private final RequestLimits limits;
    private final RequestExecutor arrivals;
    private final MemoryBudget memory;
    private final FairSemaphore processors;

    public AdmissionControl(RequestLimits limits, RequestExecutor arrivals) {
        this.limits = limits;
        this.arrivals = arrivals;
        this.memory = new MemoryBudget(limits.inFlightBudget(), limits.maxWaiting());
        this.processors =
                new FairSemaphore(
                        limits.computing(),
                        limits.maxWaiting(),
                        "other requests keep the processors busy; nothing was changed");
    }

    /// Waits until there is room for a first step and a place at the processors. Requests that have
    /// arrived meanwhile start before this returns: [RequestExecutor#goFirst].
    ///
    /// @throws Overloaded when too many wait already, or the wait takes too long
    Reservation admit() {
        MemoryBudget.Holding holding = memory.open();
        long first = Math.min(STEP, memory.share());
        long patience = memory.grow(holding, first, limits.admissionTimeout().toNanos());
        try {
            processors.take(1, patience);
        } catch (Overloaded refused) {
            memory.release(holding);
            throw refused;
        }
        arrivals.goFirst(limits.maxWaiting() / UNHEARD);
        return new Reservation(holding);
    }

    /// Bytes that the requests in work hold.
    public long inFlightBytes() {
        return memory.used();
    }

    /// Requests that wait for memory.
    public int waiting() {
        return memory.waiting();
    }

    /// Requests that hold a place at the processors.
    public int computing() {
        return processors.taken();
    }

    /// Requests that wait for a place at the processors, or to run at all.
    public int waitingToCompute() {
        return processors.waiting() + arrivals.unheard();
    }

    /// What one request holds until its response is sent. Of one thread.
    final class Reservation implements AutoCloseable {
        private final MemoryBudget.Holding holding;
        private long arrived;
        private long arrays;
        private boolean computes = true;

        private Reservation(MemoryBudget.Holding holding) {
            this.holding = holding;
        }

        /// Counts the bytes of the body that have arrived, or inflated, so far. They become arrays,
        /// so the larger of both counts; text beyond one request's share is never held as a whole.
        ///
        /// @throws Overloaded when there is no room in time
        void cover(long bytes) {
            arrived = Math.max(arrived, Math.min(bytes, memory.share()));
            reserve();
        }

        /// Counts arrays that the request is about to hold, or that it dropped.
        ///
        /// @param bytes negative for those that it dropped
        /// @throws batchnorm.codec.BodyTooLarge beyond one request's share
        /// @throws Overloaded when there is no room in time
        void add(long bytes) {
            arrays += bytes;
            reserve();
        }

        private void reserve() {
            long missing = Math.max(arrived, arrays) - holding.bytes();
            if (missing <= 0) {
                return;
            }
            long left = memory.share() - holding.bytes();
            long step = Math.max(missing, Math.min(STEP, left));
            if (!memory.tryGrow(holding, step)) {
                try (Pause _ = pause()) {
                    memory.grow(holding, step, limits.admissionTimeout().toNanos());
                }
            }
        }

        /// Bytes that this request holds.
        long bytes() {
            return holding.bytes();
        }

        /// Releases the place at the processors until the returned pause is closed.
        Pause pause() {
            if (!computes) {
                return Pause.NONE;
            }
            computes = false;
            processors.giveUp(1);
            return this::resume;
        }

        /// Takes the place at the processors back.
        void resume() {
            if (!computes) {
                computes = true;
                processors.takeBack();
            }
        }

        @Override
        public void close() {
            if (computes) {
                computes = false;
                processors.giveUp(1);
            }
            memory.release(holding);
            arrived = 0;
            arrays = 0;
        }
    }

    /// A time in which a request computes nothing.
    @FunctionalInterface
    interface Pause extends AutoCloseable {
        Pause NONE = () -> {};

        @Override
        void close();
    }
}
