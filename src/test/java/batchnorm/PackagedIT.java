package batchnorm;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// The jar as users start it, by the commands of the README.
class PackagedIT {
    private static final Path JAR = Path.of("target/batchnorm.jar");
    private static final Pattern READY = Pattern.compile("ready at (http://\\S+),");

    /// Without the optimizing compiler, which only a service that lives on needs.
    private static final String QUICK = "-XX:TieredStopAtLevel=1";

    private static final int PATIENCE_SECONDS = 120;

    private final Path directory;

    PackagedIT(@TempDir Path directory) {
        this.directory = directory;
    }

    @Test
    void theJarNeedsNoFlagsForItsFastestKernel() throws Exception {
        assertThat(whatItSaysWhileItServes(QUICK, "-jar", JAR.toString()))
                .doesNotContain("SIMD", "restricted");
    }

    /// `AOTMode=on` ends a JVM that cannot use its cache.
    @Test
    void aRehearsalMakesACacheThatAStartUses() throws Exception {
        Path extracted = directory.resolve("batchnorm");
        run("-Djarmode=tools", "-jar", JAR.toString(), "extract", "--destination", extracted);
        String jar = extracted.resolve("batchnorm.jar").toString();
        Path cache = extracted.resolve("batchnorm.aot");
        run(QUICK, "-XX:AOTCacheOutput=" + cache, "-jar", jar, "--rehearse");
        Path loaded = directory.resolve("loaded");
        assertThat(
                        whatItSaysWhileItServes(
                                QUICK,
                                "-XX:AOTCache=" + cache,
                                "-XX:AOTMode=on",
                                "-Xlog:class+load:file=" + loaded,
                                "-jar",
                                jar))
                .doesNotContain("SIMD", "restricted");
        assertThat(Files.readString(loaded))
                .containsPattern("batchnorm\\.Main source: shared objects file")
                .containsPattern("jdk\\.incubator\\.vector\\.FloatVector source: jrt:");
    }

    private void run(Object... arguments) throws IOException, InterruptedException {
        Path log = directory.resolve("run.log");
        Process process = java(log, arguments);
        try {
            assertThat(process.waitFor(PATIENCE_SECONDS, TimeUnit.SECONDS)).isTrue();
            assertThat(process.exitValue()).as(Files.readString(log)).isZero();
        } finally {
            process.destroyForcibly();
        }
    }

    /// Starts it, trains a layer, stops it.
    private String whatItSaysWhileItServes(Object... arguments) throws Exception {
        Path log = directory.resolve("service.log");
        Process process = java(log, arguments);
        try {
            String service = awaitReady(process, log);
            post(service + "/api/v1/layers", "{\"name\": \"a\", \"features\": 2}", 201);
            post(service + "/api/v1/layers/a/forward-train", "{\"input\": [[1,2],[3,4]]}", 200);
        } finally {
            process.destroy();
            assertThat(process.waitFor(PATIENCE_SECONDS, TimeUnit.SECONDS)).isTrue();
        }
        return Files.readString(log);
    }

    private static String awaitReady(Process process, Path log) throws Exception {
        long giveUp = System.nanoTime() + TimeUnit.SECONDS.toNanos(PATIENCE_SECONDS);
        while (true) {
            Matcher ready = READY.matcher(Files.readString(log));
            if (ready.find()) {
                return ready.group(1);
            }
            assertThat(process.isAlive() && System.nanoTime() < giveUp)
                    .as(Files.readString(log))
                    .isTrue();
            Thread.sleep(20);
        }
    }

    private static void post(String address, String body, int status) throws Exception {
        try (HttpClient client = HttpClient.newHttpClient()) {
            HttpResponse<String> answer =
                    client.send(
                            HttpRequest.newBuilder(URI.create(address))
                                    .header("Content-Type", "application/json")
                                    .POST(HttpRequest.BodyPublishers.ofString(body))
                                    .build(),
                            BodyHandlers.ofString());
            assertThat(answer.statusCode()).as(answer.body()).isEqualTo(status);
        }
    }

    private Process java(Path log, Object... arguments) throws IOException {
        List<String> command = new ArrayList<>();
        command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
        for (Object argument : arguments) {
            command.add(argument.toString());
        }
        ProcessBuilder builder = new ProcessBuilder(command).redirectErrorStream(true);
        builder.redirectOutput(log.toFile());
        builder.environment().put("SERVER_PORT", "0");
        builder.environment().put("BATCHNORM_DATA_DIR", directory.resolve("layers").toString());
        return builder.start();
    }
}
