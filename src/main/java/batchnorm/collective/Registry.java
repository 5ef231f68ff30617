package batchnorm.collective;

import batchnorm.layer.Replica;
import batchnorm.layer.SignedIdGenerator;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.HashMap;
import java.util.Iterator;
import java.util.Map;
import java.util.function.Function;

/// A bounded registry of open members by id. Unused members expire.
final class Registry<T extends Registry.Member> {
    private final String field;
    private final String what;
    private final int limit;
    private final CollectiveLimits limits;
    private final InstantSource clock;
    private final SignedIdGenerator mint;
    private final Map<String, Open<T>> open = new HashMap<>();

    /// @param field the request field of the ids: `group_id`
    /// @param what the plural name for messages: `groups`
    Registry(
            String field,
            String what,
            int limit,
            CollectiveLimits limits,
            InstantSource clock,
            Replica replica) {
        this.field = field;
        this.what = what;
        this.limit = limit;
        this.limits = limits;
        this.clock = clock;
        this.mint = replica.mint(field.charAt(0));
    }

    /// An open group or accumulation.
    interface Member {
        /// Returns whether a request is using the member, which then does not expire.
        boolean isBusy();

        /// Releases the memory of the member.
        void close();
    }

    private record Open<T>(T member, Instant lastUse) {}

    /// Opens a member.
    ///
    /// @throws CollectiveLimit when too many are open
    synchronized T open(Function<String, T> make) {
        expire();
        if (open.size() >= limit) {
            throw new CollectiveLimit(what, limit);
        }
        String id = mint.next();
        T member = make.apply(id);
        open.put(id, new Open<>(member, clock.instant()));
        return member;
    }

    /// Returns the member with this id and renews its lifetime.
    ///
    /// @throws CollectiveNotFound, CollectiveGone, MadeElsewhere when there is none
    synchronized T get(String id) {
        expire();
        Open<T> found = open.get(id);
        if (found == null) {
            throw absent(id);
        }
        open.put(id, new Open<>(found.member, clock.instant()));
        return found.member;
    }

    /// Closes the member with this id.
    ///
    /// @throws CollectiveNotFound, CollectiveGone, MadeElsewhere when there is none
    synchronized void close(String id) {
        expire();
        Open<T> found = open.remove(id);
        if (found == null) {
            throw absent(id);
        }
        found.member.close();
    }

    private RuntimeException absent(String id) {
        if (!mint.isOurs(id)) {
            return new CollectiveNotFound(field);
        }
        return mint.madeHere(id) ? new CollectiveGone(field) : new MadeElsewhere(field);
    }

    private void expire() {
        Instant now = clock.instant();
        Duration timeToLive = limits.timeToLive();
        Iterator<Open<T>> all = open.values().iterator();
        while (all.hasNext()) {
            Open<T> each = all.next();
            if (!each.lastUse.plus(timeToLive).isAfter(now) && !each.member.isBusy()) {
                each.member.close();
                all.remove();
            }
        }
    }
}
