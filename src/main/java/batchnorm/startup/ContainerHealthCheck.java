package batchnorm.startup;

import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse.BodyHandlers;
import java.time.Duration;
import java.util.Map;

/// The health check of a container without curl: exits 0 if the service on this machine is ready.
final class ContainerHealthCheck {
    private static final Duration TIMEOUT = Duration.ofSeconds(3);

    private ContainerHealthCheck() {}

    public static void main(String[] arguments) throws InterruptedException {
        System.exit(isHealthy(System.getenv()) ? 0 : 1);
    }

    static boolean isHealthy(Map<String, String> environment) throws InterruptedException {
        URI health =
                URI.create(
                        "http://127.0.0.1:"
                                + environment.getOrDefault("SERVER_PORT", "8080")
                                + "/actuator/health/readiness");
        try (HttpClient client = HttpClient.newBuilder().connectTimeout(TIMEOUT).build()) {
            HttpRequest request = HttpRequest.newBuilder(health).timeout(TIMEOUT).build();
            return client.send(request, BodyHandlers.discarding()).statusCode() == 200;
        } catch (IOException e) {
            return false;
        }
    }
}
