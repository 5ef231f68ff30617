package batchnorm.startup;

import batchnorm.kernel.Kernel;
import batchnorm.kernel.ScalarKernel;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.HttpURLConnection;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.Objects;
import org.springframework.boot.builder.SpringApplicationBuilder;
import org.springframework.boot.web.server.servlet.context.ServletWebServerApplicationContext;
import org.springframework.context.ConfigurableApplicationContext;
import org.springframework.context.support.GenericApplicationContext;
import org.springframework.util.FileSystemUtils;

/// The training run of an AOT cache: starts a service on a free port with a temporary directory,
/// sends it typical requests, and stops it. The JVM records the loaded classes and the profiles of
/// their methods.
///
/// `java -XX:AOTCacheOutput=batchnorm.aot -jar batchnorm.jar --rehearse`
public final class AotTrainingRun {
    private static final String ARGUMENT = "--rehearse";

    /// Enough rounds to profile the methods that every request runs.
    private static final int ROUNDS = 100;

    private static final String JSON = "application/json";
    private static final Map<String, String> RAW =
            Map.of(
                    "Content-Type", "application/octet-stream",
                    "Tensor-Shape", "64,2",
                    "Tensor-Datatype", "FP32");

    private final String service;

    private AotTrainingRun(int port) {
        this.service = "http://127.0.0.1:" + port;
    }

    public static boolean isRequested(String... arguments) {
        return arguments.length == 1 && arguments[0].equals(ARGUMENT);
    }

    /// @param application the class whose beans make the service
    public static void run(Class<?> application) throws IOException {
        Path data = Files.createTempDirectory("batchnorm-rehearsal");
        try (ConfigurableApplicationContext context = service(application, data)) {
            var web = (ServletWebServerApplicationContext) context;
            new AotTrainingRun(Objects.requireNonNull(web.getWebServer()).getPort()).sendRequests();
        } finally {
            FileSystemUtils.deleteRecursively(data);
        }
    }

    /// Listens on loopback only and uses its own store, regardless of the environment. Computes
    /// with the scalar kernel, because classes that link to a module loaded at run time cannot be
    /// cached.
    private static ConfigurableApplicationContext service(Class<?> main, Path data) {
        return new SpringApplicationBuilder(main)
                .initializers(context ->
                        ((GenericApplicationContext) context)
                                .registerBean(Kernel.class, ScalarKernel::new))
                .run(
                        "--server.address=127.0.0.1",
                        "--server.port=0",
                        "--batchnorm.data-dir=" + data,
                        "--batchnorm.shutdown.drain=0",
                        "--batchnorm.database-url=",
                        "--batchnorm.access.auth=none",
                        "--batchnorm.access.api-keys=",
                        "--batchnorm.access.api-keys-file=",
                        "--batchnorm.access.jwt-issuer=",
                        "--batchnorm.access.jwt-audience=");
    }

    private void sendRequests() throws IOException {
        post("/api/v1/layers", JSON, "create-layer");
        for (int round = 0; round < ROUNDS; round++) {
            for (String pass : new String[] {"forward-train", "forward-infer", "backward"}) {
                post("/api/v1/layers/demo/" + pass, JSON, pass);
            }
            send("POST", "/api/v1/layers/demo/forward-infer", RAW, new byte[64 * 2 * Float.BYTES]);
            get("/api/v1/layers/demo");
        }
        get("/api/v1/layers");
        get("/v2/models/demo");
        get("/v3/api-docs");
        get("/actuator/health/readiness");
        get("/actuator/prometheus");
    }

    private void get(String path) throws IOException {
        send("GET", path, Map.of(), new byte[0]);
    }

    /// Sends the example request of an operation.
    private void post(String path, String type, String example) throws IOException {
        try (InputStream body =
                AotTrainingRun.class.getResourceAsStream("/openapi/" + example + ".request.json")) {
            send(
                    "POST",
                    path,
                    Map.of("Content-Type", type),
                    Objects.requireNonNull(body, example).readAllBytes());
        }
    }

    private void send(String method, String path, Map<String, String> headers, byte[] body)
            throws IOException {
        var connection = (HttpURLConnection) URI.create(service + path).toURL().openConnection();
        connection.setRequestMethod(method);
        headers.forEach(connection::setRequestProperty);
        if (body.length > 0) {
            connection.setDoOutput(true);
            connection.getOutputStream().write(body);
        }
        if (connection.getResponseCode() >= HttpURLConnection.HTTP_BAD_REQUEST) {
            try (InputStream problem = connection.getErrorStream()) {
                throw new IOException(
                        path + ": " + new String(problem.readAllBytes(), StandardCharsets.UTF_8));
            }
        }
        try (InputStream response = connection.getInputStream()) {
            response.transferTo(OutputStream.nullOutputStream());
        }
    }
}
