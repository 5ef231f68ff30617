package batchnorm.service;

import java.io.IOException;
import java.io.InterruptedIOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.concurrent.atomic.AtomicInteger;

/// An HTTP client of one service that validates every response against the contract. Paths are
/// relative to `/api/v1`; a leading `//` denotes the root.
public final class Client {
    private static final HttpClient HTTP =
            HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1).build();
    private static final Duration TIMEOUT = Duration.ofSeconds(60);
    private static final AtomicInteger NAMES = new AtomicInteger();

    private final URI root;

    public Client(int port) {
        this.root = URI.create("http://127.0.0.1:" + port);
    }

    public URI root() {
        return root;
    }

    public Answer get(String path, String... headers) throws IOException {
        return send("GET", path, null, headers);
    }

    public Answer post(String path, String json, String... headers) throws IOException {
        return sendJson("POST", path, json, headers);
    }

    public Answer patch(String path, String json, String... headers) throws IOException {
        return sendJson("PATCH", path, json, headers);
    }

    public Answer delete(String path, String... headers) throws IOException {
        return send("DELETE", path, null, headers);
    }

    private Answer sendJson(String method, String path, String json, String... headers)
            throws IOException {
        HttpRequest.Builder request = request(method, path, json.getBytes(StandardCharsets.UTF_8));
        return send(request.header("Content-Type", "application/json"), headers);
    }

    /// Sends these bytes with only these headers.
    ///
    /// @param body null for none
    /// @param headers alternating names and values
    public Answer send(String method, String path, byte[] body, String... headers)
            throws IOException {
        return send(request(method, path, body), headers);
    }

    private HttpRequest.Builder request(String method, String path, byte[] body) {
        URI uri = URI.create(root + (path.startsWith("//") ? path.substring(1) : "/api/v1" + path));
        return HttpRequest.newBuilder(uri)
                .timeout(TIMEOUT)
                .method(
                        method,
                        body == null ? BodyPublishers.noBody() : BodyPublishers.ofByteArray(body));
    }

    private static Answer send(HttpRequest.Builder request, String... headers) throws IOException {
        if (headers.length > 0) {
            request.headers(headers);
        }
        try {
            HttpResponse<String> response =
                    HTTP.send(request.build(), BodyHandlers.ofString(StandardCharsets.UTF_8));
            Contract.check(
                    response.request().method(),
                    response.uri().getRawPath(),
                    response.statusCode(),
                    response.headers().firstValue("Content-Type").orElse(""),
                    response.body().getBytes(StandardCharsets.UTF_8));
            return new Answer(response.statusCode(), response.headers(), response.body());
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new InterruptedIOException("interrupted");
        }
    }

    /// Creates a layer with a unique name and returns its path, `/layers/name`.
    ///
    /// @param fields JSON members after the name: `"convention": "keras", "features": 2`
    public String layer(String fields) throws IOException {
        String name = "layer-" + NAMES.incrementAndGet();
        String rest = fields.isEmpty() ? "" : ", " + fields;
        post("/layers", "{\"name\": \"" + name + "\"" + rest + "}").expect(201);
        return "/layers/" + name;
    }

    public Answer train(String layer, String input) throws IOException {
        return post(layer + "/forward-train", "{\"input\": " + input + "}").expect(200);
    }

    public Answer infer(String layer, String input) throws IOException {
        return post(layer + "/forward-infer", "{\"input\": " + input + "}").expect(200);
    }

    /// Returns the backward of a forward response.
    public Answer backward(String layer, Answer forward, String gradOutput) throws IOException {
        String context = forward.field("context_id").stringValue();
        return post(
                        layer + "/backward",
                        "{\"context_id\": \"%s\", \"grad_output\": %s}"
                                .formatted(context, gradOutput))
                .expect(200);
    }
}
