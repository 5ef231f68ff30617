package batchnorm.client;

import java.io.IOException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * A service of its own for tests: the jar on a free port, with a temporary store.
 *
 * <pre>{@code
 * try (BatchNormServer server = BatchNormServer.start(Path.of("batchnorm.jar"))) {
 *     Layer layer = server.client().create("demo", Map.of("features", 2));
 * }
 * }</pre>
 */
public final class BatchNormServer implements AutoCloseable {
    private static final Pattern READY = Pattern.compile("ready at (http[^,\\s]+)");
    private static final Duration PATIENCE = Duration.ofSeconds(60);

    private final Process process;
    private final URI uri;

    private BatchNormServer(Process process, URI uri) {
        this.process = process;
        this.uri = uri;
    }

    /**
     * Starts a service, with the Java of this process or that of {@code JAVA_HOME}.
     *
     * @throws IOException when it does not start; the message has its log
     */
    public static BatchNormServer start(Path jar) throws IOException {
        Path folder = Files.createTempDirectory("batchnorm-");
        Path log = folder.resolve("log");
        String home = System.getenv().getOrDefault("JAVA_HOME", System.getProperty("java.home"));
        ProcessBuilder command =
                new ProcessBuilder(Path.of(home, "bin", "java").toString(), "-jar", jar.toString(), "--server.port=0");
        command.environment().put("BATCHNORM_DATA_DIR", folder.resolve("data").toString());
        Process process = command.redirectErrorStream(true).redirectOutput(log.toFile()).start();
        long end = System.nanoTime() + PATIENCE.toNanos();
        while (System.nanoTime() < end) {
            Matcher ready = READY.matcher(Files.readString(log));
            if (ready.find()) {
                return new BatchNormServer(process, URI.create(ready.group(1)));
            }
            if (!process.isAlive()) {
                break;
            }
            pause();
        }
        process.destroyForcibly();
        throw new IOException("the service did not start:\n" + Files.readString(log));
    }

    private static void pause() throws IOException {
        try {
            Thread.sleep(50);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IOException("interrupted while the service starts", e);
        }
    }

    public URI uri() {
        return uri;
    }

    /** Returns a client of this service. */
    public BatchNormClient client() {
        return new BatchNormClient(uri);
    }

    /** Ends the service. */
    @Override
    public void close() {
        process.destroy();
    }
}
