package batchnorm.codec;

import static org.assertj.core.api.Assertions.assertThat;

import batchnorm.checkpoint.CheckpointFile;
import batchnorm.codec.binary.RawCodec;
import batchnorm.codec.json.JsonCodec;
import batchnorm.codec.npy.NpyCodec;
import batchnorm.codec.npy.NpzCodec;
import batchnorm.codec.onnx.OnnxFile;
import batchnorm.codec.safetensors.SafetensorsCodec;
import batchnorm.openinference.InferenceReader;
import batchnorm.openinference.InferenceRequest;
import batchnorm.openinference.InferenceTerms;
import batchnorm.tensor.DataType;
import batchnorm.tensor.InvalidShape;
import batchnorm.tensor.Shape;
import com.code_intelligence.jazzer.junit.FuzzTest;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Arrays;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Tag;

/// For arbitrary bytes, a decoder returns a message or throws one of the declared exceptions. The
/// message can be written and read back unchanged.
///
/// The default run replays the inputs in the resources. The Maven profile `fuzz` searches for new
/// inputs, one method at a time.
@Tag("slow")
@Tag("fuzz")
class DecoderFuzzTest {
    private static final Codec.Limits LIMITS = new Codec.Limits(1 << 16, 16);
    private static final Signature SIGNATURE =
            Signature.of(
                    Signature.tensor("input"),
                    Signature.tensor("grad_output"),
                    Signature.text("mode"),
                    Signature.bool("save_context"),
                    Signature.integer("features").orNull(),
                    Signature.number("epsilon"),
                    Signature.vector("gamma").orNull());

    private static final InferenceTerms TERMS =
            new InferenceTerms(Set.of("operation"), Set.of("input", "mask"), Set.of("mask"));

    @FuzzTest(maxDuration = "10m")
    void json(byte[] body) throws IOException {
        check(new JsonCodec(), body);
    }

    @FuzzTest(maxDuration = "10m")
    void npy(byte[] body) throws IOException {
        check(new NpyCodec(), body);
    }

    @FuzzTest(maxDuration = "10m")
    void npz(byte[] body) throws IOException {
        check(new NpzCodec(), body);
    }

    @FuzzTest(maxDuration = "10m")
    void safetensors(byte[] body) throws IOException {
        check(new SafetensorsCodec(), body);
        checkCheckpoint(body);
    }

    @FuzzTest(maxDuration = "10m")
    void keras(byte[] body) throws IOException {
        checkModelFile(body);
    }

    @FuzzTest(maxDuration = "10m")
    void pytorch(byte[] body) throws IOException {
        checkModelFile(body);
    }

    private static void checkModelFile(byte[] body) throws IOException {
        try {
            Checkpoint checkpoint =
                    CheckpointFile.read(
                            new ByteArrayInputStream(body), false, Wanted.EVERY_OTHER, LIMITS);
            assertThat(checkpoint.state().values())
                    .doesNotContainKeys(checkpoint.skipped().toArray(String[]::new))
                    .doesNotContainKeys(checkpoint.unreadable().keySet().toArray(String[]::new));
        } catch (MalformedTensor | BodyTooLarge refused) {
            assertThat(refused.getMessage()).hasSizeLessThan(2000);
        }
    }

    /// Names of a checkpoint are untrusted: each selected tensor is returned or rejected.
    private static void checkCheckpoint(byte[] body) throws IOException {
        try {
            Checkpoint checkpoint =
                    SafetensorsCodec.decode(
                            new ByteArrayInputStream(body), Wanted.EVERY_OTHER, LIMITS);
            assertThat(checkpoint.state().values())
                    .doesNotContainKeys(checkpoint.skipped().toArray(String[]::new));
        } catch (MalformedTensor | BodyTooLarge refused) {
            assertThat(refused.getMessage()).hasSizeLessThan(2000);
        }
    }

    /// Every other initializer is selected by its name.
    @FuzzTest(maxDuration = "10m")
    void onnx(byte[] body) throws IOException {
        Path file = Files.createTempFile("fuzz", ".onnx");
        Files.write(file, body);
        try (FileChannel model = FileChannel.open(file, StandardOpenOption.DELETE_ON_CLOSE)) {
            Checkpoint checkpoint = OnnxFile.read(model, Wanted.EVERY_OTHER, LIMITS);
            assertThat(checkpoint.state().values())
                    .doesNotContainKeys(checkpoint.skipped().toArray(String[]::new));
        } catch (MalformedTensor | BodyTooLarge refused) {
            assertThat(refused.getMessage()).hasSizeLessThan(2000);
        }
    }

    @FuzzTest(maxDuration = "10m")
    void raw(byte[] body) throws IOException {
        if (body.length < 3) {
            return;
        }
        Shape shape = Shape.of(body[0] & 0xff, body[1] & 0xff);
        List<DataType> types = List.of(DataType.values());
        DataType type = types.get((body[2] & 0xff) % types.size());
        check(new RawCodec(shape, type), Arrays.copyOfRange(body, 3, body.length));
    }

    /// Bytes 0 and 1 select how much of the rest is announced as JSON, and whether its length is
    /// known.
    @FuzzTest(maxDuration = "10m")
    void openInference(byte[] body) throws IOException {
        if (body.length < 2) {
            return;
        }
        byte[] rest = Arrays.copyOfRange(body, 2, body.length);
        long header = body[0] == -1 ? -1 : body[0] & 0xff;
        long length = body[1] == 0 ? -1 : rest.length;
        try {
            InferenceRequest request =
                    InferenceReader.read(
                            new ByteArrayInputStream(rest), header, length, LIMITS, TERMS);
            request.inputs()
                    .forEach((name, tensor) ->
                            assertThat(tensor.shape().elements())
                                    .as(name)
                                    .isLessThanOrEqualTo(LIMITS.elements()));
        } catch (MalformedJson
                | MalformedTensor
                | InvalidField
                | BodyTooLarge
                | InvalidShape refused) {
            assertThat(refused.getMessage()).hasSizeLessThan(2000);
        }
    }

    private static void check(Codec codec, byte[] body) throws IOException {
        Message message;
        try {
            message = codec.decode(new ByteArrayInputStream(body), SIGNATURE, LIMITS);
        } catch (MalformedJson
                | MalformedTensor
                | InvalidField
                | BodyTooLarge
                | InvalidShape refused) {
            assertThat(refused.getMessage()).hasSizeLessThan(2000);
            return;
        }
        byte[] once = encoded(codec, message);
        Message again = codec.decode(new ByteArrayInputStream(once), SIGNATURE, LIMITS);
        assertThat(encoded(codec, again)).isEqualTo(once);
    }

    private static byte[] encoded(Codec codec, Message message) throws IOException {
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        codec.encode(message, out);
        return out.toByteArray();
    }
}
