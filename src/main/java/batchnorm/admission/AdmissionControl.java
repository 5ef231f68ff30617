package batchnorm.admission;

import batchnorm.layer.Overloaded;

/// Bounds the memory of in-flight requests and the number of requests that compute.
///
/// A request is charged for the bytes that have arrived, their arrays, its result and its layer's
/// vectors. Announced bytes are not charged. [MemoryBudget] explains why requests that grow do not
/// deadlock.
///
/// A request holds a processor permit only while it computes. It releases the permit while it waits
/// for a client, memory or a commit ([Reservation#pause]). It reacquires the permit without
/// waiting, because started requests take precedence over new ones.
public final class AdmissionControl {
    /// Bytes by which a request grows, and its minimum charge.
    static final int STEP = 4096;

    /// Divisor of [RequestLimits#maxWaiting] for the requests that may remain unstarted.
    private static final int UNSTARTED_PARTS = 16;

    private final RequestLimits limits;
    private final RequestExecutor executor;
    private final MemoryBudget memory;
    private final FairSemaphore processors;

    public AdmissionControl(RequestLimits limits, RequestExecutor executor) {
        this.limits = limits;
        this.executor = executor;
        this.memory = new MemoryBudget(limits.inFlightBudget(), limits.maxWaiting());
        this.processors =
                new FairSemaphore(
                        limits.computing(),
                        limits.maxWaiting(),
                        "other requests keep the processors busy; nothing was changed");
    }

    /// Acquires memory for a first step and a processor permit. Requests that arrive meanwhile
    /// start before this returns: [RequestExecutor#yieldToNew].
    ///
    /// @throws Overloaded if the queue is full or the wait times out
    Reservation admit() {
        MemoryBudget.Holding holding = memory.open();
        long first = Math.min(STEP, memory.share());
        long patience = memory.grow(holding, first, limits.admissionTimeout().toNanos());
        try {
            processors.acquire(1, patience);
        } catch (Overloaded refused) {
            memory.release(holding);
            throw refused;
        }
        executor.yieldToNew(limits.maxWaiting() / UNSTARTED_PARTS);
        return new Reservation(holding);
    }

    /// Returns the bytes that in-flight requests hold.
    public long inFlightBytes() {
        return memory.used();
    }

    /// Returns the number of requests that wait for memory.
    public int waiting() {
        return memory.waiting();
    }

    /// Returns the number of requests that hold a processor permit.
    public int computing() {
        return processors.acquired();
    }

    /// Returns the number of requests that wait for a processor permit or have not started.
    public int waitingToCompute() {
        return processors.waiting() + executor.unstarted();
    }

    /// The memory and the permit of one request until its response is sent. Confined to one thread.
    final class Reservation implements AutoCloseable {
        private final MemoryBudget.Holding holding;
        private long arrived;
        private long arrays;
        private boolean computes = true;

        private Reservation(MemoryBudget.Holding holding) {
            this.holding = holding;
        }

        /// Counts the received or inflated bytes of the body so far. Arrays replace them, so the
        /// charge is the larger of both counts. Text beyond one request's share is never held as a
        /// whole.
        ///
        /// @throws Overloaded if the memory is not available in time
        void cover(long bytes) {
            arrived = Math.max(arrived, Math.min(bytes, memory.share()));
            reserve();
        }

        /// Counts arrays that the request allocates or drops.
        ///
        /// @param bytes negative for dropped arrays
        /// @throws batchnorm.codec.BodyTooLarge beyond one request's share
        /// @throws Overloaded if the memory is not available in time
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

        /// Returns the bytes that this request holds.
        long bytes() {
            return holding.bytes();
        }

        /// Releases the processor permit until the returned pause is closed.
        Pause pause() {
            if (!computes) {
                return Pause.NONE;
            }
            computes = false;
            processors.release(1);
            return this::resume;
        }

        /// Reacquires the processor permit.
        void resume() {
            if (!computes) {
                computes = true;
                processors.reacquire();
            }
        }

        @Override
        public void close() {
            if (computes) {
                computes = false;
                processors.release(1);
            }
            memory.release(holding);
            arrived = 0;
            arrays = 0;
        }
    }

    /// An interval in which a request does not compute.
    @FunctionalInterface
    interface Pause extends AutoCloseable {
        Pause NONE = () -> {};

        @Override
        void close();
    }
}
