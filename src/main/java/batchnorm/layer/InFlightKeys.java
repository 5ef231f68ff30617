package batchnorm.layer;

import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;

/// The idempotency keys of requests in flight in this process. Only avoids duplicate work; the
/// store decides across replicas whether a step was made.
final class InFlightKeys {
    private final Set<Key> taken = ConcurrentHashMap.newKeySet();

    private record Key(LayerName layer, String key) {}

    /// @throws IdempotencyKeyInProgress while another request holds the key
    Claim claim(LayerName layer, String key) {
        Claim claim = new Claim(layer, key);
        if (!taken.add(claim.key)) {
            throw new IdempotencyKeyInProgress();
        }
        return claim;
    }

    /// Releases the key on close.
    final class Claim implements AutoCloseable {
        private final Key key;

        Claim(LayerName layer, String key) {
            this.key = new Key(layer, key);
        }

        @Override
        public void close() {
            taken.remove(key);
        }
    }
}
