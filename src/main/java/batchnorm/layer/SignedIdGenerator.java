package batchnorm.layer;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.security.MessageDigest;
import java.security.SecureRandom;
import java.util.Arrays;
import java.util.Base64;
import javax.crypto.Mac;
import javax.crypto.spec.SecretKeySpec;

/// Generates and verifies ids of one kind: four bytes for the replica, twelve random bytes, and an
/// eight-byte signature of this registry. This distinguishes expired ids, even after a restart,
/// from forged ones and from those of another replica.
public final class SignedIdGenerator {
    private static final String ALGORITHM = "HmacSHA256";
    private static final int ORIGIN_BYTES = 4;
    private static final int NAME_BYTES = 16;
    private static final int PROOF_BYTES = 8;

    private final SecureRandom random = new SecureRandom();
    private final SecretKeySpec key;
    private final byte kind;
    private final byte[] origin;

    SignedIdGenerator(Replica replica, char kind) {
        this.key = new SecretKeySpec(replica.secret(), ALGORITHM);
        this.kind = (byte) kind;
        // Hides the replica's name.
        byte[] name = replica.name().getBytes(StandardCharsets.UTF_8);
        this.origin = Arrays.copyOf(proof(name), ORIGIN_BYTES);
    }

    public String next() {
        byte[] randomBytes = new byte[NAME_BYTES - ORIGIN_BYTES];
        random.nextBytes(randomBytes);
        byte[] name = ByteBuffer.allocate(NAME_BYTES).put(origin).put(randomBytes).array();
        byte[] id =
                ByteBuffer.allocate(NAME_BYTES + PROOF_BYTES).put(name).put(proof(name)).array();
        return Base64.getUrlEncoder().withoutPadding().encodeToString(id);
    }

    /// Returns whether a replica of this registry generated the id.
    public boolean isOurs(String text) {
        byte[] id = decode(text);
        return id.length == NAME_BYTES + PROOF_BYTES
                && MessageDigest.isEqual(
                        Arrays.copyOfRange(id, NAME_BYTES, id.length),
                        proof(Arrays.copyOf(id, NAME_BYTES)));
    }

    /// Returns whether this replica generated a valid id, possibly before a restart.
    public boolean madeHere(String text) {
        return Arrays.equals(origin, Arrays.copyOf(decode(text), ORIGIN_BYTES));
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
            mac.update(kind);
            return Arrays.copyOf(mac.doFinal(name), PROOF_BYTES);
        } catch (GeneralSecurityException impossible) {
            throw new IllegalStateException("every JVM has " + ALGORITHM, impossible);
        }
    }
}
