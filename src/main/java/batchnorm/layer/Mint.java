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

/// Makes and recognizes ids of one kind, with the registry's secret: four bytes of the process that
/// made it, twelve random bytes, and eight that prove this registry made it. So an id whose thing
/// is gone, even through a restart, is told from one that never was.
public final class Mint {
    private static final String ALGORITHM = "HmacSHA256";
    private static final int PROCESS_BYTES = 4;
    private static final int NAME_BYTES = 16;
    private static final int PROOF_BYTES = 8;

    private final SecureRandom random = new SecureRandom();
    private final byte[] process = new byte[PROCESS_BYTES];
    private final SecretKeySpec key;
    private final byte kind;

    /// @param kind the first letter of what the ids name, so that one kind is no other
    public Mint(byte[] secret, char kind) {
        this.key = new SecretKeySpec(secret, ALGORITHM);
        this.kind = (byte) kind;
        random.nextBytes(process);
    }

    /// Of ids that a replica knows as its own through a restart, too.
    ///
    /// @param replica tells it from the others; it is not to be read from an id
    public Mint(byte[] secret, char kind, String replica) {
        this(secret, kind);
        byte[] origin = proof(replica.getBytes(StandardCharsets.UTF_8));
        System.arraycopy(origin, 0, process, 0, PROCESS_BYTES);
    }

    public String next() {
        byte[] name = new byte[NAME_BYTES];
        random.nextBytes(name);
        System.arraycopy(process, 0, name, 0, PROCESS_BYTES);
        ByteBuffer id = ByteBuffer.allocate(NAME_BYTES + PROOF_BYTES);
        id.put(name).put(proof(name));
        return Base64.getUrlEncoder().withoutPadding().encodeToString(id.array());
    }

    /// Whether this registry made it, in this process or another.
    public boolean isOurs(String text) {
        byte[] id = decode(text);
        return id.length == NAME_BYTES + PROOF_BYTES
                && MessageDigest.isEqual(
                        Arrays.copyOfRange(id, NAME_BYTES, id.length),
                        proof(Arrays.copyOf(id, NAME_BYTES)));
    }

    /// Whether one of ours was made by another process: another replica, or, where a replica has no
    /// name, this one before it restarted.
    public boolean isOfAnotherProcess(String text) {
        return !Arrays.equals(process, Arrays.copyOf(decode(text), PROCESS_BYTES));
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
