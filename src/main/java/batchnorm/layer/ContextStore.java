package batchnorm.layer;

import batchnorm.normalization.ForwardPass;
import batchnorm.tensor.Tensor;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/// Holds the contexts of forward passes for their backward passes, within a budget of bytes.
///
/// An unused context stays until its time to live; a new one that exceeds the budget is rejected. A
/// used context stays for retries and is evicted first, least recently used first. A training loop
/// of forward and backward passes runs indefinitely in a fixed budget.
public final class ContextStore {
    /// Upper bound of the objects, map entries and array headers of one context.
    private static final long OVERHEAD_BYTES = 512;

    /// Mean, inverse deviation, gamma and beta.
    private static final int VECTORS = 4;

    private final long budget;
    private final Duration timeToLive;
    private final InstantSource clock;
    private final SignedIdGenerator mint;

    private final Map<String, Held> unused = new LinkedHashMap<>(); // oldest first
    private final Map<String, Held> used = new LinkedHashMap<>(16, 0.75f, true); // LRU first
    private long promised; // bytes of unused contexts and of reservations
    private long spare; // bytes of used contexts

    /// @param budget the maximum bytes of all contexts
    /// @param timeToLive of an unused context
    /// @param replica the process that holds the contexts
    public ContextStore(long budget, Duration timeToLive, InstantSource clock, Replica replica) {
        this.budget = budget;
        this.timeToLive = timeToLive;
        this.clock = clock;
        this.mint = replica.mint('c');
    }

    private record Held(String incarnation, ForwardPass pass, long bytes, Instant expires) {}

    /// Bytes reserved for one context before its pass is computed. [#close] releases them if they
    /// were not filled.
    public final class Reservation implements AutoCloseable {
        private final String id;
        private final long bytes;
        private boolean open = true;

        private Reservation(String id, long bytes) {
            this.id = id;
            this.bytes = bytes;
        }

        /// Returns the id of the context to be stored.
        public String id() {
            return id;
        }

        /// Stores the pass under this reservation's id.
        public void fill(Layer layer, ForwardPass pass) {
            synchronized (ContextStore.this) {
                requireOpen();
                open = false;
                promised -= bytes(unused.remove(id));
                spare -= bytes(used.remove(id));
                unused.put(
                        id,
                        new Held(
                                layer.incarnation(),
                                pass,
                                bytes,
                                clock.instant().plus(timeToLive)));
            }
        }

        private void requireOpen() {
            if (!open) {
                throw new IllegalStateException("filled or closed already");
            }
        }

        @Override
        public void close() {
            synchronized (ContextStore.this) {
                if (open) {
                    open = false;
                    promised -= bytes;
                }
            }
        }
    }

    /// @throws ContextBudgetExceeded when the pass exceeds the budget beside unused contexts and
    ///   reservations
    public Reservation reserve(ForwardPass pass) {
        return reserve(OVERHEAD_BYTES + pass.bytes(), mint.next());
    }

    /// Reserves the context of a later pass.
    ///
    /// @throws ContextBudgetExceeded when it exceeds the budget beside unused contexts and
    ///   reservations
    public Reservation reserve(Tensor input, int channels) {
        return reserve(bytesOf(input, channels), mint.next());
    }

    /// Reserves bytes for other data held for clients; nothing fills the reservation.
    ///
    /// @throws ContextBudgetExceeded when they exceed the budget beside unused contexts and
    ///   reservations
    public Reservation reserve(long bytes) {
        return reserve(bytes, mint.next());
    }

    /// Stores a pass again under its earlier id, unless it is still held.
    ///
    /// @throws ContextBudgetExceeded when the pass exceeds the budget beside unused contexts and
    ///   reservations
    void restore(String contextId, Layer layer, ForwardPass pass) {
        keep(requireOwn(contextId), layer, pass);
    }

    synchronized void keep(String id, Layer layer, ForwardPass pass) {
        if (!holds(id)) {
            try (Reservation reservation = reserve(OVERHEAD_BYTES + pass.bytes(), id)) {
                reservation.fill(layer, pass);
            }
        }
    }

    synchronized Reservation reserve(long bytes, String id) {
        expire();
        if (promised + bytes > budget) {
            throw new ContextBudgetExceeded(bytes, promised, budget, untilFreed(bytes));
        }
        Iterator<Held> leastRecentlyUsed = used.values().iterator();
        while (promised + spare + bytes > budget) {
            spare -= leastRecentlyUsed.next().bytes();
            leastRecentlyUsed.remove();
        }
        promised += bytes;
        return new Reservation(id, bytes);
    }

    /// Returns the pass of a context of this layer and marks the context as used.
    ///
    /// @throws ContextUnknown when this registry never issued the id, or issued it for another
    ///   layer
    /// @throws ContextGone when it is no longer held
    /// @throws ContextElsewhere when another replica made it, and this one does not hold it
    public ForwardPass use(Layer layer, String contextId) {
        return take(layer, requireOwn(contextId));
    }

    synchronized ForwardPass take(Layer layer, String id) {
        expire();
        Held held = used.get(id);
        if (held == null) {
            held = unused.get(id);
        }
        if (held == null) {
            throw mint.madeHere(id) ? new ContextGone() : new ContextElsewhere();
        }
        if (!held.incarnation().equals(layer.incarnation())) {
            throw new ContextUnknown(
                    "this context belongs to another layer than \"" + layer.name() + "\"");
        }
        if (unused.remove(id) != null) {
            promised -= held.bytes();
            spare += held.bytes();
            used.put(id, held);
        }
        return held.pass();
    }

    /// @throws ContextUnknown when this registry did not issue the id
    private String requireOwn(String contextId) {
        if (!mint.isOurs(contextId)) {
            throw new ContextUnknown(
                    "this service never issued that context_id; use the one that a forward pass returned");
        }
        return contextId;
    }

    private synchronized boolean holds(String id) {
        expire();
        return unused.containsKey(id) || used.containsKey(id);
    }

    /// Drops a context that is no longer needed.
    public synchronized void forget(String contextId) {
        promised -= bytes(unused.remove(contextId));
        spare -= bytes(used.remove(contextId));
    }

    /// Drops every context of a deleted layer.
    synchronized void forget(Layer layer) {
        Predicate<Held> ofLayer = held -> held.incarnation().equals(layer.incarnation());
        promised -= removeIf(unused, ofLayer);
        spare -= removeIf(used, ofLayer);
    }

    /// Returns the bytes of unused contexts and reservations.
    public synchronized long promisedBytes() {
        return promised;
    }

    /// Returns the bytes of used contexts, which can be evicted.
    public synchronized long spareBytes() {
        return spare;
    }

    public synchronized int size() {
        return unused.size() + used.size();
    }

    /// Returns the time until enough of the oldest unused contexts expire. Reservations do not
    /// expire; if contexts alone do not suffice, the time until the last of them expires.
    private Duration untilFreed(long bytes) {
        Instant freed = clock.instant();
        long left = promised;
        Iterator<Held> oldest = unused.values().iterator();
        while (left + bytes > budget && oldest.hasNext()) {
            Held held = oldest.next();
            left -= held.bytes();
            freed = held.expires();
        }
        return Duration.between(clock.instant(), freed);
    }

    private void expire() {
        Instant now = clock.instant();
        Iterator<Held> oldest = unused.values().iterator();
        while (oldest.hasNext()) {
            Held held = oldest.next();
            if (held.expires().isAfter(now)) {
                return; // all later ones live longer: their time to live is the same
            }
            promised -= held.bytes();
            oldest.remove();
        }
    }

    private static long bytes(@Nullable Held held) {
        return held == null ? 0 : held.bytes();
    }

    private static long removeIf(Map<String, Held> from, Predicate<Held> condition) {
        long bytes = 0;
        Iterator<Held> all = from.values().iterator();
        while (all.hasNext()) {
            Held held = all.next();
            if (condition.test(held)) {
                bytes += held.bytes();
                all.remove();
            }
        }
        return bytes;
    }

    private static long bytesOf(Tensor input, int channels) {
        int width = input instanceof Tensor.Doubles ? Double.BYTES : Float.BYTES;
        return OVERHEAD_BYTES
                + (long) width * input.shape().elements()
                + (long) VECTORS * Double.BYTES * channels;
    }
}
