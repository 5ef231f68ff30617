package batchnorm.openinference;

import batchnorm.codec.Message;
import batchnorm.codec.binary.RawCodec;
import batchnorm.digest.Sha256;
import batchnorm.normalization.Weighting;
import batchnorm.tensor.Shape;
import batchnorm.tensor.Tensor;
import java.io.IOException;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.security.DigestOutputStream;
import java.security.MessageDigest;
import java.util.HexFormat;

/// A digest of all inputs of a training step. A retry may send the same numbers in another form.
final class StepFingerprint {
    private final MessageDigest digest = Sha256.create();

    private StepFingerprint() {}

    static String of(Tensor input, Weighting weighting, boolean saveContext) {
        StepFingerprint fingerprint = new StepFingerprint();
        fingerprint.add("inference " + saveContext, input);
        if (weighting.mask() != null) {
            fingerprint.add("mask", weighting.mask());
        }
        if (weighting.weights() != null) {
            double[] weights = weighting.weights();
            fingerprint.add("weights", Tensor.of(Shape.of(weights.length), weights));
        }
        return HexFormat.of().formatHex(fingerprint.digest.digest());
    }

    private void add(String what, Tensor tensor) {
        String form = "%s %s %s ".formatted(what, tensor.dataType(), tensor.shape());
        digest.update(form.getBytes(StandardCharsets.UTF_8));
        try {
            new RawCodec(tensor.shape(), tensor.dataType())
                    .encode(
                            new Message().with(ModelMessages.INPUT, tensor),
                            new DigestOutputStream(OutputStream.nullOutputStream(), digest));
        } catch (IOException impossible) {
            throw new UncheckedIOException(impossible);
        }
    }
}
