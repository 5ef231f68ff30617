package batchnorm.service.requests;

import static org.assertj.core.api.Assertions.assertThat;

import batchnorm.service.Answer;
import batchnorm.service.Client;
import batchnorm.service.ServiceUnderTest;
import batchnorm.service.Wire;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.zip.Deflater;
import java.util.zip.DeflaterOutputStream;
import java.util.zip.GZIPOutputStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/// Tests bodies with a `Content-Encoding`, as curl and the clients of Java and Python send them.
@ExtendWith(ServiceUnderTest.Shared.class)
class CompressedBodiesTest {
    private static final byte[] JSON =
            "{\"input\": [[1, 2], [3, 4]]}".getBytes(StandardCharsets.UTF_8);

    private final Client client;

    CompressedBodiesTest(Client client) {
        this.client = client;
    }

    @ParameterizedTest
    @ValueSource(strings = {"gzip", "x-gzip", "GZIP", "deflate", "identity"})
    void areReadAsJson(String coding) throws IOException {
        String layer = client.layer("\"features\": 2");
        Answer plain = send(layer + "/forward-infer", JSON, "application/json", "identity");
        Answer answer = send(layer + "/forward-infer", JSON, "application/json", coding);
        assertThat(answer.expect(200).body()).isEqualTo(plain.body());
        byte[] patch = "{\"gamma\": [2, 2]}".getBytes(StandardCharsets.UTF_8);
        client.send(
                        "PATCH",
                        layer,
                        coded(patch, coding),
                        "Content-Type",
                        "application/merge-patch+json",
                        "Content-Encoding",
                        coding)
                .expect(200);
    }

    @ParameterizedTest
    @ValueSource(strings = {"gzip", "deflate"})
    void areReadInEveryFormat(String coding) throws IOException {
        String layer = client.layer("\"features\": 2");
        byte[] raw = Wire.doubles(1, 2, 3, 4);
        Answer answer =
                client.send(
                        "POST",
                        layer + "/forward-infer",
                        coded(raw, coding),
                        "Content-Type",
                        "application/octet-stream",
                        "Content-Encoding",
                        coding,
                        "Tensor-Shape",
                        "2,2",
                        "Tensor-Datatype",
                        "FP64",
                        "Accept",
                        "application/octet-stream");
        assertThat(answer.expect(200).header("Tensor-Shape")).isEqualTo("2,2");
        send(layer + "/forward-infer", npy(), "application/x-npy", coding).expect(200);
        try (var file = CompressedBodiesTest.class.getResourceAsStream("/npy/deflated.npz")) {
            Answer read =
                    send(
                            layer + "/forward-infer",
                            file.readAllBytes(),
                            "application/x-npz",
                            coding);
            // Its arrays have other names.
            assertThat(read.expectProblem(400, "invalid-request").detail()).contains("vector");
        }
    }

    private static byte[] npy() {
        String header = "{'descr': '<f8', 'fortran_order': False, 'shape': (2, 2), }";
        byte[] start = {(byte) 0x93, 'N', 'U', 'M', 'P', 'Y', 1, 0, 118, 0};
        byte[] padded =
                (header + " ".repeat(117 - header.length()) + "\n")
                        .getBytes(StandardCharsets.US_ASCII);
        return Wire.join(start, padded, Wire.doubles(1, 2, 3, 4));
    }

    @Test
    void areImportedAsCheckpoints() throws IOException {
        try (var file =
                CompressedBodiesTest.class.getResourceAsStream(
                        "/checkpoints/pytorch.safetensors")) {
            Answer report =
                    send(
                            "/layers/import?framework=pytorch&name=zipped.",
                            file.readAllBytes(),
                            "application/vnd.safetensors",
                            "gzip");
            assertThat(report.expect(200).field("layers")).hasSize(3);
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"br", "zstd", "gzip, gzip", "compress", ""})
    void areRefusedInACodingThatIsNotRead(String coding) throws IOException {
        Answer refused =
                send(client.layer("") + "/forward-train", JSON, "application/json", coding)
                        .expectProblem(415, "unsupported-media-type");
        assertThat(refused.detail()).contains("gzip", "deflate", "identity");
    }

    @Test
    void areRefusedWhereTheyContradictTheHeader() throws IOException {
        String path = client.layer("") + "/forward-train";
        for (String coding : new String[] {"gzip", "deflate"}) {
            Answer refused =
                    client.send(
                                    "POST",
                                    path,
                                    JSON,
                                    "Content-Type",
                                    "application/json",
                                    "Content-Encoding",
                                    coding)
                            .expectProblem(400, "invalid-request");
            assertThat(refused.detail()).contains("Content-Encoding");
            byte[] whole = coded(JSON, coding);
            client.send(
                            "POST",
                            path,
                            Arrays.copyOf(whole, whole.length / 2),
                            "Content-Type",
                            "application/json",
                            "Content-Encoding",
                            coding)
                    .expect(400);
        }
    }

    @Test
    void areRefusedBeforeTheyInflateBeyondTheLimits() throws IOException {
        byte[] bomb = blanks(257);
        assertThat(bomb.length).isLessThan(2 << 20);
        Answer refused =
                client.send(
                        "POST",
                        client.layer("") + "/forward-train",
                        bomb,
                        "Content-Type",
                        "application/json",
                        "Content-Encoding",
                        "gzip");
        refused.expect(413);
        assertThat(refused.detail()).contains("larger than the limit");
    }

    /// Megabytes of white space, compressed a thousandfold.
    private static byte[] blanks(int megabytes) throws IOException {
        byte[] megabyte = new byte[1 << 20];
        Arrays.fill(megabyte, (byte) ' ');
        ByteArrayOutputStream compressed = new ByteArrayOutputStream();
        try (OutputStream body = new QuickGzip(compressed)) {
            for (int i = 0; i < megabytes; i++) {
                body.write(megabyte);
            }
        }
        return compressed.toByteArray();
    }

    private static final class QuickGzip extends GZIPOutputStream {
        QuickGzip(OutputStream compressed) throws IOException {
            super(compressed, 1 << 16);
            def.setLevel(Deflater.BEST_SPEED);
        }
    }

    @Test
    void areOneStepHoweverTheyAreSent() throws IOException {
        String layer = client.layer("\"features\": 2");
        for (String coding : new String[] {"identity", "gzip", "deflate"}) {
            client.send(
                            "POST",
                            layer + "/forward-train",
                            coded(JSON, coding),
                            "Content-Type",
                            "application/json",
                            "Content-Encoding",
                            coding,
                            "Idempotency-Key",
                            "once")
                    .expect(200);
        }
        assertThat(client.get(layer).field("num_batches_tracked").intValue()).isEqualTo(1);
    }

    private Answer send(String path, byte[] body, String type, String coding) throws IOException {
        return client.send(
                "POST",
                path,
                coded(body, coding),
                "Content-Type",
                type,
                "Content-Encoding",
                coding);
    }

    private static byte[] coded(byte[] plain, String coding) {
        ByteArrayOutputStream coded = new ByteArrayOutputStream();
        try (OutputStream body = coder(coded, coding)) {
            body.write(plain);
        } catch (IOException impossible) {
            throw new UncheckedIOException(impossible);
        }
        return coded.toByteArray();
    }

    private static OutputStream coder(OutputStream coded, String coding) throws IOException {
        return switch (coding) {
            case "gzip", "x-gzip", "GZIP" -> new GZIPOutputStream(coded);
            case "deflate" -> new DeflaterOutputStream(coded);
            default -> coded;
        };
    }
}
