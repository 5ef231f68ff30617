package batchnorm.service.vectors;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assumptions.assumeThat;

import batchnorm.golden.GoldenVectors;
import batchnorm.normalization.Convention;
import batchnorm.service.Answer;
import batchnorm.service.Client;
import batchnorm.service.ServiceUnderTest;
import batchnorm.tensor.DataType;
import java.io.File;
import java.io.IOException;
import java.io.InputStream;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import java.util.zip.ZipEntry;
import java.util.zip.ZipInputStream;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;
import tools.jackson.databind.JsonNode;

/// Tests golden vectors over HTTP, and the layers of this service against them.
@ExtendWith(ServiceUnderTest.Shared.class)
class VectorsTest {
    private static final HttpClient HTTP = HttpClient.newHttpClient();

    private final Client client;

    VectorsTest(Client client) {
        this.client = client;
    }

    @ParameterizedTest
    @EnumSource
    void areTheSameInEveryResponse(Convention convention) throws IOException {
        String path = "/vectors?convention=" + convention.word() + "&datatype=FP32";
        Answer first = client.get(path).expect(200);
        assertThat(first.field("digest").stringValue())
                .isEqualTo(GoldenVectors.of(convention, DataType.FP32).digest());
        assertThat(client.get(path).body()).isEqualTo(first.body());
    }

    /// The numbers of a response are the computed ones, to the last bit.
    @Test
    void loseNothingInJson() throws IOException {
        JsonNode cases = client.get("/vectors?convention=keras").expect(200).field("cases");
        var golden = GoldenVectors.of(Convention.KERAS, DataType.FP64).cases();
        assertThat(cases).hasSize(golden.size());
        for (int i = 0; i < golden.size(); i++) {
            JsonNode steps = cases.get(i).get("steps");
            for (int j = 0; j < steps.size(); j++) {
                assertThat(Answer.numbers(steps.get(j).get("output").get("data")))
                        .isEqualTo(golden.get(i).steps().get(j).output().toDoubles());
                assertThat(Answer.numbers(steps.get(j).get("grad_input").get("data")))
                        .isEqualTo(golden.get(i).steps().get(j).gradInput().toDoubles());
            }
        }
    }

    @ParameterizedTest
    @CsvSource({"&format=npz, */*", "'', application/x-npz"})
    void areAnArchiveOnRequest(String format, String accept)
            throws IOException, InterruptedException {
        HttpRequest request =
                HttpRequest.newBuilder(
                                client.root()
                                        .resolve("/api/v1/vectors?convention=pytorch" + format))
                        .header("Accept", accept)
                        .build();
        HttpResponse<InputStream> answer = HTTP.send(request, BodyHandlers.ofInputStream());
        assertThat(answer.headers().firstValue("Content-Type")).contains("application/x-npz");
        Map<String, Integer> entries = new HashMap<>();
        try (ZipInputStream zip = new ZipInputStream(answer.body())) {
            for (ZipEntry entry = zip.getNextEntry(); entry != null; entry = zip.getNextEntry()) {
                entries.put(entry.getName(), zip.readAllBytes().length);
            }
        }
        assertThat(entries)
                .containsKeys("digest.npy", "config/epsilon.npy", "rows/gamma.npy")
                .containsKeys("rows/0/input.npy", "rows/5/output.npy", "rows/0/batch_var.npy")
                .doesNotContainKey("rows/5/batch_var.npy");
    }

    @Test
    void areNotAcceptableWhereTheHeaderExcludesTheFormat() throws IOException {
        client.get("/vectors?convention=onnx&format=npz", "Accept", "application/json").expect(406);
    }

    @ParameterizedTest
    @CsvSource({
        "convention=theano, 422, pytorch",
        "convention=pytorch&datatype=FP8, 400, FP32",
        "convention=pytorch&format=csv, 400, npz",
        "datatype=FP64, 400, convention",
    })
    void nameWhatTheyDoNotHave(String query, int status, String detail) throws IOException {
        Answer refused = client.get("/vectors?" + query).expect(status);
        assertThat(refused.field("detail").stringValue()).contains(detail);
    }

    @Tag("slow")
    @ParameterizedTest
    @CsvSource({
        "python3, py, FP64, --strict", "node, mjs, FP64, --strict",
        "python3, py, FP32, --strict", "node, mjs, FP32, ''"
    })
    void agreeWithARightImplementation(
            String program, String extension, String datatype, String strict) throws Exception {
        Run run =
                check(
                        program,
                        extension,
                        "examples/vectors/batchnorm." + extension,
                        datatype,
                        strict);
        assertThat(run.status()).as(run.printed()).isZero();
        assertThat(run.printed()).contains(" checked, 0 failed: pytorch " + datatype);
    }

    /// Plants a mistake in the example.
    @Tag("slow")
    @ParameterizedTest
    @CsvSource({
        "python3, py, MOMENTUM * (a - r), (1 - MOMENTUM) * (a - r), running_mean_after",
        "python3, py, v * m / (m - 1) - r, v - r, running_var_after",
        "python3, py, - h * q / m, '', grad_input",
        "node, mjs, variance[c] * bessel - r, variance[c] - r, running_var_after",
        "node, mjs, - xhat[r][c] * dgamma[c] / m, '', grad_input",
    })
    void showAMistake(String program, String extension, String right, String wrong, String what)
            throws Exception {
        String source = Files.readString(Path.of("examples/vectors/batchnorm." + extension));
        assertThat(source).contains(right);
        Path mistaken = Files.createTempFile("mistaken", "." + extension);
        Files.writeString(mistaken, source.replace(right, wrong));
        Run run = check(program, extension, mistaken.toString(), "FP64", "");
        Files.delete(mistaken);
        assertThat(run.status()).as(run.printed()).isEqualTo(1);
        assertThat(run.printed()).contains(what + " is off by");
    }

    private record Run(int status, String printed) {}

    private Run check(String program, String extension, String file, String datatype, String strict)
            throws IOException, InterruptedException {
        assumeThat(isInstalled(program)).as("%s is installed", program).isTrue();
        List<String> command = new ArrayList<>(List.of(program));
        command.add("examples/vectors/check." + extension);
        command.addAll(List.of(client.root().toString(), file, "pytorch", datatype));
        if (!strict.isEmpty()) {
            command.add(strict);
        }
        Process process = new ProcessBuilder(command).redirectErrorStream(true).start();
        String printed =
                new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        assertThat(process.waitFor(1, TimeUnit.MINUTES)).isTrue();
        return new Run(process.exitValue(), printed);
    }

    private static boolean isInstalled(String program) {
        return Stream.of(System.getenv("PATH").split(File.pathSeparator))
                .anyMatch(directory -> Files.isExecutable(Path.of(directory, program)));
    }

    @ParameterizedTest
    @ValueSource(strings = {"check.py", "check.mjs"})
    void areCheckedInSixtyLines(String runner) throws IOException {
        assertThat(Files.readAllLines(Path.of("examples/vectors", runner)))
                .hasSizeLessThanOrEqualTo(60);
    }
}
