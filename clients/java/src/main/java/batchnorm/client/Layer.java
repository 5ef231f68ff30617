package batchnorm.client;

import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import java.util.stream.Collectors;

/** A layer of the service. Methods throw {@link BatchNormException}; futures complete with it. */
public final class Layer {
    private final BatchNormClient client;
    private final String name;
    private final String path;

    Layer(BatchNormClient client, String name) {
        this.client = client;
        this.name = name;
        this.path = "/layers/" + name;
    }

    public String name() {
        return name;
    }

    /** Returns the state and the configuration. */
    public Map<String, Object> get() {
        return client.call("GET", path, null);
    }

    /** Changes vectors or knobs by a JSON merge patch. */
    public Map<String, Object> patch(Map<String, ?> changes) {
        return client.call("PATCH", path, changes);
    }

    public void delete() {
        client.call("DELETE", path, null);
    }

    /** Resets the running statistics to their initial values. */
    public Map<String, Object> reset() {
        return client.call("POST", path + "/reset", null);
    }

    /** Normalizes a batch with its own statistics, and updates the running ones. The step counts once. */
    public Forward forwardTrain(Tensor input) {
        return BatchNormClient.join(forwardTrainAsync(input));
    }

    public CompletableFuture<Forward> forwardTrainAsync(Tensor input) {
        return forwardTrainAsync(input, UUID.randomUUID().toString());
    }

    /** @param key identifies the step, so that a repetition with it counts once */
    public CompletableFuture<Forward> forwardTrainAsync(Tensor input, String key) {
        HttpRequest.Builder request = tensor(path + "/forward-train", input).header("Idempotency-Key", key);
        return client.send(request.build(), true, response -> forward(response));
    }

    /** Normalizes a batch with the running statistics. */
    public Forward forwardInfer(Tensor input) {
        return BatchNormClient.join(forwardInferAsync(input));
    }

    public CompletableFuture<Forward> forwardInferAsync(Tensor input) {
        return client.send(tensor(path + "/forward-infer", input).build(), true, Layer::forward);
    }

    /** Returns the gradients of a forward pass. */
    public Gradients backward(Tensor gradOutput, String contextId) {
        return BatchNormClient.join(backwardAsync(gradOutput, contextId));
    }

    public CompletableFuture<Gradients> backwardAsync(Tensor gradOutput, String contextId) {
        HttpRequest.Builder request =
                tensor(path + "/backward?context_id=" + contextId, gradOutput)
                        .setHeader("Accept", "application/vnd.safetensors");
        return client.send(request.build(), true, Layer::gradients);
    }

    /**
     * Makes one step of an optimizer, whose state the service keeps.
     *
     * @param optimizer such as {@code Map.of("kind", "adam", "learning_rate", 0.01)}
     */
    public Map<String, Object> applyGradients(Gradients gradients, Map<String, ?> optimizer) {
        Map<String, Object> body =
                Map.of("grad_gamma", gradients.gradGamma(), "grad_beta", gradients.gradBeta(), "optimizer", optimizer);
        return client.call("POST", path + "/apply-gradients", body, UUID.randomUUID().toString());
    }

    private HttpRequest.Builder tensor(String target, Tensor tensor) {
        String shape = Arrays.stream(tensor.shape()).mapToObj(String::valueOf).collect(Collectors.joining(","));
        ByteBuffer bytes = tensor.bytes();
        return client.request(target)
                .header("Content-Type", "application/octet-stream")
                .header("Accept", "application/octet-stream")
                .header("Tensor-Shape", shape)
                .header("Tensor-Datatype", tensor.datatype().name())
                .POST(
                        bytes.hasArray()
                                ? BodyPublishers.ofByteArray(
                                        bytes.array(), bytes.arrayOffset() + bytes.position(), bytes.remaining())
                                : BodyPublishers.ofByteArrays(List.of(copy(bytes))));
    }

    private static byte[] copy(ByteBuffer bytes) {
        byte[] copy = new byte[bytes.remaining()];
        bytes.get(copy);
        return copy;
    }

    private static Forward forward(HttpResponse<byte[]> response) {
        var headers = response.headers();
        int[] shape =
                Arrays.stream(headers.firstValue("Tensor-Shape").orElse("").split(","))
                        .mapToInt(Integer::parseInt)
                        .toArray();
        Tensor.DataType datatype = Tensor.DataType.valueOf(headers.firstValue("Tensor-Datatype").orElse(""));
        return new Forward(
                new Tensor(datatype, shape, ByteBuffer.wrap(response.body())),
                headers.firstValue("Context-Id").orElse(null),
                headers.firstValueAsLong("Layer-Version").orElse(0));
    }

    private static Gradients gradients(HttpResponse<byte[]> response) {
        ByteBuffer file = ByteBuffer.wrap(response.body()).order(ByteOrder.LITTLE_ENDIAN);
        int length = Math.toIntExact(file.getLong());
        Map<String, Object> header =
                Json.readObject(new String(response.body(), Long.BYTES, length, StandardCharsets.UTF_8));
        ByteBuffer contents = file.slice(Long.BYTES + length, file.limit() - Long.BYTES - length);
        return new Gradients(
                tensor(header, "grad_input", contents),
                vector(header, "grad_gamma", contents),
                vector(header, "grad_beta", contents));
    }

    private static Tensor tensor(Map<String, Object> header, String name, ByteBuffer contents) {
        if (!(header.get(name) instanceof Map<?, ?> entry)) {
            return null;
        }
        int[] shape = integers(entry.get("shape"));
        int[] range = integers(entry.get("data_offsets"));
        Tensor.DataType datatype =
                Arrays.stream(Tensor.DataType.values())
                        .filter(each -> each.inSafetensors.equals(entry.get("dtype")))
                        .findFirst()
                        .orElseThrow();
        return new Tensor(datatype, shape, contents.slice(range[0], range[1] - range[0]));
    }

    private static double[] vector(Map<String, Object> header, String name, ByteBuffer contents) {
        Tensor tensor = tensor(header, name, contents);
        return tensor == null ? null : tensor.toDoubles();
    }

    private static int[] integers(Object list) {
        return ((List<?>) list).stream().mapToInt(each -> Math.toIntExact((Long) each)).toArray();
    }
}
