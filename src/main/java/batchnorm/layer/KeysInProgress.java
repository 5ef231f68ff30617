package batchnorm.layer;

import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import org.jspecify.annotations.Nullable;

/// The idempotency keys whose first request is at work here. It only saves work: whether a step was
/// made is the store's to say, on all replicas.
final class KeysInProgress {
    private final Set<Claim> claims = ConcurrentHashMap.newKeySet();

    /// @throws IdempotencyKeyInProgress while another has it
    Claim claim(LayerName layer, String key) {
        Claim claim = new Claim(layer, key);
        if (!claims.add(claim)) {
            throw new IdempotencyKeyInProgress();
        }
        return claim;
    }

    /// Close gives the key back.
    final class Claim implements AutoCloseable {
        private final LayerName layer;
        private final String key;

        Claim(LayerName layer, String key) {
            this.layer = layer;
            this.key = key;
        }

        @Override
        public boolean equals(@Nullable Object other) {
            return other instanceof Claim claim
                    && claim.layer.equals(layer)
                    && claim.key.equals(key);
        }

        @Override
        public int hashCode() {
            return 31 * layer.hashCode() + key.hashCode();
        }

        @Override
        public void close() {
            claims.remove(this);
        }
    }
}
