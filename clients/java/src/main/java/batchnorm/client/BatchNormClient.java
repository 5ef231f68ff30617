package batchnorm.client;

import java.io.IOException;
import java.net.ConnectException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublisher;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.TimeUnit;
import java.util.function.Function;

/**
 * A connection to the service. Threads may share it.
 *
 * <p>A request is repeated after a failure where a repetition cannot change more than the request: readings, steps (which have an
 * idempotency key), and changes that have not reached the service or that it reports as not done.
 */
public final class BatchNormClient {
    private static final Duration FIRST_WAIT = Duration.ofMillis(100);
    private static final Duration LONGEST_WAIT = Duration.ofSeconds(30);
    private static final Set<String> NOTHING_CHANGED =
            Set.of("overloaded", "store-unavailable", "issuer-unavailable", "idempotency-key-in-progress");
    private static final Set<String> WORTH_REPEATING =
            Set.of("commit-outcome-unknown", "request-timeout", "sync-timeout", "context-budget", "no-response");

    private final URI service;
    private final String apiKey;
    private final Duration timeout;
    private final int retries;
    private final HttpClient http;

    /** Connects to a service without a key, with a timeout of 30 seconds and 4 retries. */
    public BatchNormClient(URI service) {
        this(service, null, Duration.ofSeconds(30), 4);
    }

    /**
     * @param service such as {@code http://127.0.0.1:8080}
     * @param apiKey null for none
     * @param timeout of each attempt
     * @param retries the most repetitions of one request
     */
    public BatchNormClient(URI service, String apiKey, Duration timeout, int retries) {
        this.service = service;
        this.apiKey = apiKey;
        this.timeout = timeout;
        this.retries = retries;
        this.http = HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1).connectTimeout(timeout).build();
    }

    /** Creates a layer: {@code convention}, {@code features} and knobs, as {@code POST /layers} takes them. */
    public Layer create(String name, Map<String, ?> definition) {
        Map<String, Object> body = new LinkedHashMap<>(definition);
        body.put("name", name);
        call("POST", "/layers", body);
        return layer(name);
    }

    /** Returns a handle of a layer, without a request. */
    public Layer layer(String name) {
        return new Layer(this, name);
    }

    /**
     * Sends a JSON request to any operation below {@code /api/v1}.
     *
     * @param body maps, lists, numbers, strings; null for none
     * @throws BatchNormException when it is rejected, or without a response
     */
    public Map<String, Object> call(String method, String path, Object body) {
        return call(method, path, body, null);
    }

    Map<String, Object> call(String method, String path, Object body, String key) {
        HttpRequest.Builder request = request(path).header("Accept", "application/json");
        BodyPublisher content = BodyPublishers.noBody();
        if (body != null) {
            request.header("Content-Type", "application/json");
            content = BodyPublishers.ofString(Json.write(body));
        }
        if (key != null) {
            request.header("Idempotency-Key", key);
        }
        boolean repeatable = key != null || method.equals("GET");
        return join(send(request.method(method, content).build(), repeatable, BatchNormClient::document));
    }

    HttpRequest.Builder request(String path) {
        HttpRequest.Builder request = HttpRequest.newBuilder(URI.create(service + "/api/v1" + path)).timeout(timeout);
        return apiKey == null ? request : request.header("Authorization", "Bearer " + apiKey);
    }

    <T> CompletableFuture<T> send(HttpRequest request, boolean repeatable, Function<HttpResponse<byte[]>, T> read) {
        return attempt(request, repeatable, 0).thenApply(read);
    }

    private CompletableFuture<HttpResponse<byte[]>> attempt(HttpRequest request, boolean repeatable, int attempt) {
        return http.sendAsync(request, BodyHandlers.ofByteArray())
                .handle((response, failure) -> failure != null ? noResponse(request, failure) : rejection(response))
                .thenCompose(rejected -> {
                    if (rejected.failure == null) {
                        return CompletableFuture.completedFuture(rejected.response);
                    }
                    if (attempt == retries || !rejected.mayRepeat(repeatable)) {
                        return CompletableFuture.failedFuture(rejected.failure);
                    }
                    var later = CompletableFuture.delayedExecutor(wait(rejected.failure, attempt), TimeUnit.MILLISECONDS);
                    return CompletableFuture.supplyAsync(() -> null, later)
                            .thenCompose(nothing -> attempt(request, repeatable, attempt + 1));
                });
    }

    private static long wait(BatchNormException failure, int attempt) {
        double backOff = FIRST_WAIT.toMillis() * Math.pow(2, attempt) * ThreadLocalRandom.current().nextDouble(0.5, 1);
        return (long) Math.min(LONGEST_WAIT.toMillis(), Math.max(backOff, 1000.0 * failure.retryAfterSeconds()));
    }

    private record Result(HttpResponse<byte[]> response, BatchNormException failure, boolean isSent) {

        boolean mayRepeat(boolean repeatable) {
            return !isSent
                    || NOTHING_CHANGED.contains(failure.slug())
                    || repeatable && WORTH_REPEATING.contains(failure.slug());
        }
    }

    private static Result noResponse(HttpRequest request, Throwable failure) {
        Throwable cause = failure instanceof CompletionException ? failure.getCause() : failure;
        String message = "%s %s: %s".formatted(request.method(), request.uri(), cause);
        boolean isSent = !(cause instanceof ConnectException);
        if (!(cause instanceof IOException)) {
            throw new CompletionException(cause);
        }
        return new Result(null, new BatchNormException(message, cause), isSent);
    }

    private static Result rejection(HttpResponse<byte[]> response) {
        if (response.statusCode() < 400) {
            return new Result(response, null, true);
        }
        long retryAfter = response.headers().firstValue("Retry-After").map(Long::parseLong).orElse(0L);
        Map<String, Object> problem;
        try {
            problem = document(response);
        } catch (IllegalArgumentException ofAProxy) {
            problem = Map.of("title", "status " + response.statusCode());
        }
        return new Result(response, new BatchNormException(response.statusCode(), problem, retryAfter), true);
    }

    private static Map<String, Object> document(HttpResponse<byte[]> response) {
        String text = new String(response.body(), StandardCharsets.UTF_8);
        return text.isEmpty() ? Map.of() : Json.readObject(text);
    }

    static <T> T join(CompletableFuture<T> future) {
        try {
            return future.join();
        } catch (CompletionException e) {
            if (e.getCause() instanceof BatchNormException rejected) {
                throw rejected;
            }
            throw e;
        }
    }
}
