package batchnorm;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.DataInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.RandomAccessFile;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import java.util.jar.JarEntry;
import java.util.jar.JarFile;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.json.JsonMapper;

/// Runs the packaged jar with the commands of the README.
class PackagedIT {
    private static final Path JAR = Path.of("target/batchnorm.jar");
    private static final Pattern READY = Pattern.compile("ready at (http://\\S+),");

    private static final Pattern JAVA_VERSION =
            Pattern.compile("(?m)^JAVA_VERSION=\"(?:1\\.)?(\\d+)");

    /// A class of Spring, except for its launcher.
    private static final Pattern FRAMEWORK =
            Pattern.compile("\\borg\\.springframework\\.(?!boot\\.loader\\.)[\\w.$]+ source:");

    /// Disables the optimizing compiler, which only pays off in a long-running service.
    private static final String QUICK = "-XX:TieredStopAtLevel=1";

    private static final int TIMEOUT_SECONDS = 120;

    private final Path directory;

    PackagedIT(@TempDir Path directory) {
        this.directory = directory;
    }

    @Test
    void theJarNeedsNoFlagsForItsFastestKernel() throws Exception {
        assertThat(logOfServiceRun(QUICK, "-jar", JAR.toString()))
                .doesNotContain("SIMD", "restricted");
    }

    @Test
    void aCommandStartsNoService() throws Exception {
        Path loaded = directory.resolve("loaded");
        String model = "src/test/resources/checkpoints/state_dict.pth";
        Path log = directory.resolve("inspect.log");
        assertThat(
                        exitCode(
                                log,
                                QUICK,
                                "-Xlog:class+load:file=" + loaded,
                                "-jar",
                                JAR,
                                "inspect",
                                model))
                .as(Files.readString(log))
                .isZero();
        assertThat(Files.readString(log).lines())
                .hasSize(5)
                .contains("head_bn   5         FP32      -        -         542      -");
        assertThat(Files.readAllLines(loaded))
                .anyMatch(line -> line.contains("batchnorm.cli.InspectCommand"))
                .noneMatch(line -> FRAMEWORK.matcher(line).find());
        assertThat(exitCode(log, QUICK, "-jar", JAR, "inpsect", model)).isEqualTo(2);
        assertThat(Files.readString(log)).contains("inpsect", "Usage: batchnorm");
    }

    /// A heap of 64 MB, and a file of 300 MB whose tensors are a hole but for one layer.
    @Test
    void aCommandReadsFilesThatAreLargerThanItsMemory() throws Exception {
        Path model = directory.resolve("large.safetensors");
        int hole = 300_000_000;
        String header =
                "{\"bn.running_mean\":{\"dtype\":\"F32\",\"shape\":[1],\"data_offsets\":[0,4]},"
                        + "\"bn.running_var\":{\"dtype\":\"F32\",\"shape\":[1],\"data_offsets\":[4,8]},"
                        + "\"fc.weight\":{\"dtype\":\"U8\",\"shape\":[%d],\"data_offsets\":[8,%d]}}"
                                .formatted(hole, hole + 8);
        try (RandomAccessFile file = new RandomAccessFile(model.toFile(), "rw")) {
            file.writeLong(Long.reverseBytes(header.length()));
            file.writeBytes(header);
            file.setLength(8L + header.length() + 8 + hole);
        }
        Path log = directory.resolve("inspect.log");
        assertThat(exitCode(log, QUICK, "-Xmx64m", "-jar", JAR, "inspect", model))
                .as(Files.readString(log))
                .isEqualTo(1);
        assertThat(Files.readString(log)).contains("bn     1", "zero-variance");
    }

    @Test
    void theWordServeStartsTheService() throws Exception {
        logOfServiceRun(QUICK, "-jar", JAR, "serve", "--server.port=0");
    }

    @Test
    void theListOfPartsNamesEveryJarInTheJar() throws IOException {
        try (JarFile jar = new JarFile(JAR.toFile());
                InputStream list =
                        jar.getInputStream(jar.getEntry("META-INF/sbom/application.cdx.json"))) {
            Set<String> listed =
                    JsonMapper.shared()
                            .readTree(list)
                            .get("components")
                            .valueStream()
                            .map(part ->
                                    part.get("name").asString()
                                            + "-"
                                            + part.get("version").asString()
                                            + ".jar")
                            .collect(Collectors.toSet());
            List<String> packaged =
                    jar.stream()
                            .map(JarEntry::getName)
                            .filter(name -> name.matches("BOOT-INF/lib/.+\\.jar"))
                            .map(name -> name.substring(name.lastIndexOf('/') + 1))
                            .toList();
            assertThat(packaged).hasSizeGreaterThan(50);
            assertThat(listed).containsAll(packaged);
        }
    }

    /// With `AOTMode=on`, the JVM exits if it cannot use its cache.
    @Test
    void aRehearsalMakesACacheThatAStartUses() throws Exception {
        Path extracted = directory.resolve("batchnorm");
        run("-Djarmode=tools", "-jar", JAR.toString(), "extract", "--destination", extracted);
        String jar = extracted.resolve("batchnorm.jar").toString();
        Path cache = extracted.resolve("batchnorm.aot");
        run(QUICK, "-XX:AOTCacheOutput=" + cache, "-jar", jar, "--rehearse");
        Path loaded = directory.resolve("loaded");
        assertThat(
                        logOfServiceRun(
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

    /// Class version 52 is Java 8, which every later Java can load.
    @Test
    void everyJavaSince8ReadsTheMainClass() throws IOException {
        try (JarFile jar = new JarFile(JAR.toFile())) {
            String main = jar.getManifest().getMainAttributes().getValue("Main-Class");
            JarEntry entry = jar.getJarEntry(main.replace('.', '/') + ".class");
            try (DataInputStream bytes = new DataInputStream(jar.getInputStream(entry))) {
                assertThat(bytes.readInt()).isEqualTo(0xCAFEBABE);
                assertThat(bytes.readUnsignedShort()).isZero();
                assertThat(bytes.readUnsignedShort()).isLessThanOrEqualTo(52);
            }
        }
    }

    @Test
    void anOlderJavaNamesTheOneThatIsNeeded() throws Exception {
        Path old = olderJava();
        Assumptions.assumeTrue(old != null, "no Java older than 25 is installed on this machine");
        expectRefusal(old, JAR);
        Path extracted = directory.resolve("old");
        run("-Djarmode=tools", "-jar", JAR.toString(), "extract", "--destination", extracted);
        expectRefusal(old, extracted.resolve("batchnorm.jar"));
    }

    private void expectRefusal(Path old, Path jar) throws Exception {
        Path log = directory.resolve("refusal.log");
        Process process = start(old, log, "-jar", jar);
        assertThat(process.waitFor(TIMEOUT_SECONDS, TimeUnit.SECONDS)).isTrue();
        assertThat(process.exitValue()).isEqualTo(1);
        assertThat(Files.readString(log).lines())
                .singleElement()
                .asString()
                .contains("needs Java 25", "JAVA_HOME", old.resolve("../..").normalize().toString())
                .doesNotContain("Exception", "Error");
    }

    /// Returns an older JDK from the usual locations of distributions, SDKMAN and .ci/run; null if
    /// none is installed.
    private static @Nullable Path olderJava() throws IOException {
        for (String place :
                List.of(
                        "/usr/lib/jvm",
                        "/opt/java",
                        "/opt",
                        System.getProperty("user.home") + "/.sdkman/candidates/java")) {
            Path directory = Path.of(place);
            if (!Files.isDirectory(directory)) {
                continue;
            }
            try (Stream<Path> homes = Files.list(directory).sorted()) {
                Optional<Path> old = homes.filter(PackagedIT::isOlder).findFirst();
                if (old.isPresent()) {
                    return old.get().toRealPath().resolve("bin/java");
                }
            }
        }
        return null;
    }

    /// Reads the release file of a JDK, as toolchains do.
    private static boolean isOlder(Path home) {
        try {
            if (!Files.isExecutable(home.resolve("bin/java"))) {
                return false;
            }
            Matcher version = JAVA_VERSION.matcher(Files.readString(home.resolve("release")));
            return version.find() && Integer.parseInt(version.group(1)) < 25;
        } catch (IOException e) {
            return false;
        }
    }

    private int exitCode(Path log, Object... arguments) throws Exception {
        Process process = java(log, arguments);
        try {
            assertThat(process.waitFor(TIMEOUT_SECONDS, TimeUnit.SECONDS)).isTrue();
            return process.exitValue();
        } finally {
            process.destroyForcibly();
        }
    }

    private void run(Object... arguments) throws IOException, InterruptedException {
        Path log = directory.resolve("run.log");
        Process process = java(log, arguments);
        try {
            assertThat(process.waitFor(TIMEOUT_SECONDS, TimeUnit.SECONDS)).isTrue();
            assertThat(process.exitValue()).as(Files.readString(log)).isZero();
        } finally {
            process.destroyForcibly();
        }
    }

    /// Starts the service, trains a layer, stops it, and returns its log.
    private String logOfServiceRun(Object... arguments) throws Exception {
        Path log = directory.resolve("service.log");
        Process process = java(log, arguments);
        try {
            String service = awaitReady(process, log);
            post(service + "/api/v1/layers", "{\"name\": \"a\", \"features\": 2}", 201);
            post(service + "/api/v1/layers/a/forward-train", "{\"input\": [[1,2],[3,4]]}", 200);
        } finally {
            process.destroy();
            assertThat(process.waitFor(TIMEOUT_SECONDS, TimeUnit.SECONDS)).isTrue();
        }
        return Files.readString(log);
    }

    private static String awaitReady(Process process, Path log) throws Exception {
        long deadline = System.nanoTime() + TimeUnit.SECONDS.toNanos(TIMEOUT_SECONDS);
        while (true) {
            Matcher ready = READY.matcher(Files.readString(log));
            if (ready.find()) {
                return ready.group(1);
            }
            assertThat(process.isAlive() && System.nanoTime() < deadline)
                    .as(Files.readString(log))
                    .isTrue();
            Thread.sleep(20);
        }
    }

    private static void post(String address, String body, int status) throws Exception {
        try (HttpClient client = HttpClient.newHttpClient()) {
            HttpResponse<String> response =
                    client.send(
                            HttpRequest.newBuilder(URI.create(address))
                                    .header("Content-Type", "application/json")
                                    .POST(HttpRequest.BodyPublishers.ofString(body))
                                    .build(),
                            BodyHandlers.ofString());
            assertThat(response.statusCode()).as(response.body()).isEqualTo(status);
        }
    }

    private Process java(Path log, Object... arguments) throws IOException {
        return start(Path.of(System.getProperty("java.home"), "bin", "java"), log, arguments);
    }

    private Process start(Path java, Path log, Object... arguments) throws IOException {
        List<String> command = new ArrayList<>();
        command.add(java.toString());
        for (Object argument : arguments) {
            command.add(argument.toString());
        }
        ProcessBuilder builder = new ProcessBuilder(command).redirectErrorStream(true);
        builder.redirectOutput(log.toFile());
        builder.environment().put("SERVER_PORT", "0");
        builder.environment().put("BATCHNORM_DATA_DIR", directory.resolve("layers").toString());
        builder.environment().put("BATCHNORM_DRAIN", "0");
        return builder.start();
    }
}
