package batchnorm.web;

import batchnorm.layer.Overloaded;

/// Requests that are in work at the same time, bounded by the bytes of their bodies, which is
/// memory, and by their number, which is time of the processors. A request waits for both before a
/// byte of its body is read; so memory holds what is being worked on, and the rest waits in the
/// network.
///
/// A place at the processors is held only while a processor is wanted. Who waits for a slow client,
/// or for a commit, gives it up meanwhile ([Reservation#pause]) and takes it back without waiting
/// again: what has been begun goes first. So neither two thousand slow clients nor a hundred steps
/// that become durable together keep others from computing.
final class Admission {
    /// What places in memory count: a body takes one at least.
    static final int UNIT = 1024;

    /// What part of those who may wait may do so unheard.
    private static final int UNHEARD = 16;

    private final RequestLimits limits;
    private final Arrivals arrivals;
    private final int units;
    private final Places memory;
    private final Places processors;

    Admission(RequestLimits limits, Arrivals arrivals) {
        this.limits = limits;
        this.arrivals = arrivals;
        this.units = Math.clamp(limits.inFlightBudget() / UNIT, 1, Integer.MAX_VALUE);
        this.memory =
                new Places(
                        units,
                        limits.maxWaiting(),
                        "bodies of other requests fill the memory that is meant for them; nothing was changed");
        this.processors =
                new Places(
                        limits.computing(),
                        limits.maxWaiting(),
                        "other requests keep the processors busy; nothing was changed");
    }

    /// Waits until there is room. Who has come meanwhile is heard before this goes on:
    /// [Arrivals#goFirst].
    ///
    /// @param announced bytes; negative where the body comes in chunks, and is counted as it comes
    /// @throws Overloaded when too many wait already, or the wait takes too long
    Reservation admit(long announced) {
        int wanted = units(Math.max(announced, UNIT));
        long patience = memory.take(wanted, limits.admissionTimeout().toNanos());
        try {
            processors.take(1, patience);
        } catch (Overloaded refused) {
            memory.giveUp(wanted);
            throw refused;
        }
        arrivals.goFirst(limits.maxWaiting() / UNHEARD);
        return new Reservation(wanted);
    }

    /// A body beyond the whole budget takes all of it, and is alone for a while.
    private int units(long bytes) {
        return (int) Math.min(units, (bytes + UNIT - 1) / UNIT);
    }

    /// Bytes of the bodies that are in work.
    long inFlightBytes() {
        return (long) memory.taken() * UNIT;
    }

    /// Requests that wait for memory.
    int waiting() {
        return memory.waiting();
    }

    /// Requests that want a processor, and may have one.
    int computing() {
        return processors.taken();
    }

    /// Requests that wait for a place at the processors, or to be heard at all.
    int waitingToCompute() {
        return processors.waiting() + arrivals.unheard();
    }

    /// What one request holds until it is answered. Of one thread.
    final class Reservation implements AutoCloseable {
        private int held;
        private boolean computes = true;

        private Reservation(int held) {
            this.held = held;
        }

        /// Takes more memory as a body grows.
        ///
        /// @throws Overloaded when there is no room
        void cover(long bytes) {
            int wanted = units(bytes) - held;
            if (wanted > 0) {
                memory.add(wanted);
                held += wanted;
            }
        }

        /// Wants no processor until what this answers is closed, if it did before.
        Pause pause() {
            if (!computes) {
                return Pause.NONE;
            }
            computes = false;
            processors.giveUp(1);
            return this::resume;
        }

        /// Wants a processor again.
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
            memory.giveUp(held);
            held = 0;
        }
    }

    /// A while in which a request computes nothing.
    @FunctionalInterface
    interface Pause extends AutoCloseable {
        Pause NONE = () -> {};

        @Override
        void close();
    }
}
