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

/// What forward passes keep for their backward, within a budget of bytes.
///
/// A context is a promise until it is used: unused, it stays until its time to live, and a new one
/// that does not fit is refused. Used, it stays while there is room (so that a retry works) and is
/// the first to go, least recently used first. So a training loop, forward and backward, runs for
/// ever in a fixed budget.
public final class ContextStore {
    /// Objects, map entries and array headers of one context, generously.
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

    /// @param budget bytes that all contexts may take together
    /// @param timeToLive of an unused context
    /// @param replica whose memory this is
    public ContextStore(long budget, Duration timeToLive, InstantSource clock, Replica replica) {
        this.budget = budget;
        this.timeToLive = timeToLive;
        this.clock = clock;
        this.mint = replica.mint('c');
    }

    private record Held(String incarnation, ForwardPass pass, long bytes, Instant expires) {}

    /// Room for one context, taken before any work is done. Close gives back what was not filled.
    public final class Reservation implements AutoCloseable {
        private final String id;
        private final long bytes;
        private boolean open = true;

        private Reservation(String id, long bytes) {
            this.id = id;
            this.bytes = bytes;
        }

        /// Under which the pass will be kept.
        public String id() {
            return id;
        }

        /// Keeps the pass under this reservation's id.
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

    /// @throws ContextBudgetExceeded when the pass does not fit beside what is promised
    public Reservation reserve(ForwardPass pass) {
        return reserve(OVERHEAD_BYTES + pass.bytes(), mint.next());
    }

    /// Room for the context of a pass that is still to come.
    ///
    /// @throws ContextBudgetExceeded when it does not fit beside what is promised
    public Reservation reserve(Tensor input, int channels) {
        return reserve(bytesOf(input, channels), mint.next());
    }

    /// Room for something else that is kept in memory for callers; nothing fills it.
    ///
    /// @throws ContextBudgetExceeded when it does not fit beside what is promised
    public Reservation reserve(long bytes) {
        return reserve(bytes, mint.next());
    }

    /// Keeps a pass again under the id it had, if it is held no more.
    ///
    /// @throws ContextBudgetExceeded when the pass does not fit beside what is promised
    void restore(String contextId, Layer layer, ForwardPass pass) {
        keep(ours(contextId), layer, pass);
    }

    synchronized void keep(String id, Layer layer, ForwardPass pass) {
        if (!holds(id)) {
            try (Reservation room = reserve(OVERHEAD_BYTES + pass.bytes(), id)) {
                room.fill(layer, pass);
            }
        }
    }

    synchronized Reservation reserve(long bytes, String id) {
        expire();
        if (promised + bytes > budget) {
            throw new ContextBudgetExceeded(bytes, promised, budget, untilRoom(bytes));
        }
        Iterator<Held> leastRecentlyUsed = used.values().iterator();
        while (promised + spare + bytes > budget) {
            spare -= leastRecentlyUsed.next().bytes();
            leastRecentlyUsed.remove();
        }
        promised += bytes;
        return new Reservation(id, bytes);
    }

    /// The pass of a context of this layer, which counts as its use.
    ///
    /// @throws ContextUnknown when no layer of this registry ever had this id
    /// @throws ContextGone when it is held no more
    /// @throws ContextElsewhere when another replica made it, and this one does not hold it
    public ForwardPass use(Layer layer, String contextId) {
        return take(layer, ours(contextId));
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

    /// @throws ContextUnknown when this registry did not make it
    private String ours(String contextId) {
        if (!mint.isOurs(contextId)) {
            throw new ContextUnknown(
                    "this service never gave that context_id; use the one that a forward answered");
        }
        return contextId;
    }

    private synchronized boolean holds(String id) {
        expire();
        return unused.containsKey(id) || used.containsKey(id);
    }

    /// Drops a context that nobody will use any more.
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

    /// Bytes that are promised: unused contexts and reservations.
    public synchronized long promisedBytes() {
        return promised;
    }

    /// Bytes of contexts that may go when room is needed.
    public synchronized long spareBytes() {
        return spare;
    }

    public synchronized int size() {
        return unused.size() + used.size();
    }

    /// Time until enough of the oldest unused contexts expire. Reservations do not expire: where
    /// contexts alone do not make room, this is the time until the last of them expires.
    private Duration untilRoom(long bytes) {
        Instant room = clock.instant();
        long left = promised;
        Iterator<Held> oldest = unused.values().iterator();
        while (left + bytes > budget && oldest.hasNext()) {
            Held held = oldest.next();
            left -= held.bytes();
            room = held.expires();
        }
        return Duration.between(clock.instant(), room);
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
