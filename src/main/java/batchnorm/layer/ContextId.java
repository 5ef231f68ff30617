package batchnorm.layer;

import java.nio.ByteBuffer;
import java.security.GeneralSecurityException;
import java.security.MessageDigest;
import java.security.SecureRandom;
import java.util.Arrays;
import java.util.Base64;
import javax.crypto.Mac;
import javax.crypto.spec.SecretKeySpec;

/// The name of a context: sixteen random bytes and eight that prove this registry made it. So an id
/// whose context is gone, even through a restart, is told from one that never was.
record ContextId(String text) {
    private static final int RANDOM_BYTES = 16;
    private static final int PROOF_BYTES = 8;

    @Override
    public String toString() {
        return text;
    }

    /// Makes and recognizes ids, with the registry's secret.
    static final class Mint {
        private static final String ALGORITHM = "HmacSHA256";
        private final SecureRandom random = new SecureRandom();
        private final SecretKeySpec key;

        Mint(byte[] secret) {
            this.key = new SecretKeySpec(secret, ALGORITHM);
        }

        ContextId next() {
            byte[] name = new byte[RANDOM_BYTES];
            random.nextBytes(name);
            ByteBuffer id = ByteBuffer.allocate(RANDOM_BYTES + PROOF_BYTES);
            id.put(name).put(proof(name));
            return new ContextId(
                    Base64.getUrlEncoder().withoutPadding().encodeToString(id.array()));
        }

        /// @throws ContextUnknown when this registry did not make it
        ContextId parse(String text) {
            byte[] id = decode(text);
            if (id.length != RANDOM_BYTES + PROOF_BYTES || !isProven(id)) {
                throw new ContextUnknown(
                        "this service never gave that context_id; use the one that a forward answered");
            }
            return new ContextId(text);
        }

        private boolean isProven(byte[] id) {
            byte[] proof = Arrays.copyOfRange(id, RANDOM_BYTES, id.length);
            return MessageDigest.isEqual(proof, proof(Arrays.copyOf(id, RANDOM_BYTES)));
        }

        private static byte[] decode(String text) {
            try {
                return Base64.getUrlDecoder().decode(text);
            } catch (IllegalArgumentException notBase64) {
                return new byte[0];
            }
        }

        private byte[] proof(byte[] name) {
            try {
                Mac mac = Mac.getInstance(ALGORITHM);
                mac.init(key);
                return Arrays.copyOf(mac.doFinal(name), PROOF_BYTES);
            } catch (GeneralSecurityException impossible) {
                throw new IllegalStateException("every JVM has " + ALGORITHM, impossible);
            }
        }
    }
}
