package batchnorm.openinference;

import batchnorm.codec.Message;
import batchnorm.codec.RawCodec;
import batchnorm.tensor.Tensor;
import java.io.IOException;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.security.DigestOutputStream;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;

/// A digest of everything that decides what a training step computes. A retry may send the same
/// numbers in another form.
final class StepFingerprint {
    private StepFingerprint() {}

    static String of(Tensor input, boolean saveContext) {
        MessageDigest digest = sha256();
        String form = "inference %s %s %s ".formatted(saveContext, input.dataType(), input.shape());
        digest.update(form.getBytes(StandardCharsets.UTF_8));
        try {
            new RawCodec(input.shape(), input.dataType())
                    .encode(
                            new Message().with(ModelMessages.INPUT, input),
                            new DigestOutputStream(OutputStream.nullOutputStream(), digest));
        } catch (IOException impossible) {
            throw new UncheckedIOException(impossible);
        }
        return HexFormat.of().formatHex(digest.digest());
    }

    private static MessageDigest sha256() {
        try {
            return MessageDigest.getInstance("SHA-256");
        } catch (NoSuchAlgorithmException impossible) {
            throw new IllegalStateException("every JVM has SHA-256", impossible);
        }
    }
}
