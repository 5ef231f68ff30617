package batchnorm.service;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.net.ServerSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;

/// The service in its own process, which can be killed without warning and restarted.
public final class ServiceProcess implements AutoCloseable {
    private static final Duration PATIENCE = Duration.ofSeconds(60);

    private final Path log;
    private final Map<String, String> environment;
    private final int port;
    private Process process;

    /// Starts the process without waiting: see [#awaitReady].
    ///
    /// @param log the output of the process
    /// @param environment beside the port
    public ServiceProcess(Path log, Map<String, String> environment) throws IOException {
        this.log = log;
        this.environment = environment;
        this.port = freePort();
        this.process = start();
    }

    public int port() {
        return port;
    }

    public Client client() {
        return new Client(port);
    }

    private Process start() throws IOException {
        List<String> command = new ArrayList<>();
        command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
        command.addAll(
                List.of(
                        "--add-modules=jdk.incubator.vector",
                        "--enable-native-access=ALL-UNNAMED"));
        command.addAll(List.of("-XX:TieredStopAtLevel=1", "-XX:+UseSerialGC", "-Xshare:auto"));
        String classPath = System.getProperty("java.class.path");
        command.addAll(List.of("-cp", System.getProperty("surefire.test.class.path", classPath)));
        command.add("batchnorm.Main");
        ProcessBuilder builder = new ProcessBuilder(command).redirectErrorStream(true);
        builder.redirectOutput(ProcessBuilder.Redirect.appendTo(log.toFile()));
        builder.environment().putAll(environment);
        builder.environment().put("SERVER_PORT", Integer.toString(port));
        return builder.start();
    }

    public void awaitReady() throws IOException, InterruptedException {
        awaitReady(false);
    }

    /// Restarts a process that has exited because its database was absent, like an orchestrator.
    public void startUntilReady() throws IOException, InterruptedException {
        awaitReady(true);
    }

    private void awaitReady(boolean startAgain) throws IOException, InterruptedException {
        Instant giveUp = Instant.now().plus(PATIENCE);
        while (!answers()) {
            boolean ended = !process.isAlive();
            boolean waiting = (startAgain || !ended) && Instant.now().isBefore(giveUp);
            assertThat(waiting).as(() -> read(log)).isTrue();
            if (ended) {
                startAgain();
            }
            Thread.sleep(50);
        }
    }

    private boolean answers() {
        try {
            return client().get("/conventions").status() != 0; // any status
        } catch (IOException notYet) {
            return false;
        }
    }

    /// `kill -9`.
    public void kill() {
        process.destroyForcibly().onExit().orTimeout(10, TimeUnit.SECONDS).join();
    }

    /// `kill -TERM`.
    public void terminate() {
        process.destroy();
    }

    /// Waits for the end of the process and returns its exit status.
    public int awaitExit() {
        return process.onExit()
                .orTimeout(PATIENCE.toSeconds(), TimeUnit.SECONDS)
                .join()
                .exitValue();
    }

    public void startAgain() throws IOException {
        process = start();
    }

    @Override
    public void close() {
        kill();
    }

    private static String read(Path log) {
        try {
            return Files.readString(log);
        } catch (IOException e) {
            return "no log: " + e;
        }
    }

    private static int freePort() throws IOException {
        try (ServerSocket socket = new ServerSocket(0)) {
            return socket.getLocalPort();
        }
    }
}
