package batchnorm.layer;

import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;

/// The idempotency keys whose first request is at work here. It only saves work: whether a step was
/// made is the store's to say, on all replicas.
final class InFlightKeys {
    private final Set<Key> taken = ConcurrentHashMap.newKeySet();

    private record Key(LayerName layer, String key) {}

    /// @throws IdempotencyKeyInProgress while another has it
    Claim claim(LayerName layer, String key) {
        Claim claim = new Claim(layer, key);
        if (!taken.add(claim.key)) {
            throw new IdempotencyKeyInProgress();
        }
        return claim;
    }

    /// Close gives the key back.
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
