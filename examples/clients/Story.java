import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.util.Arrays;
import java.util.Locale;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** The five-step story in Java, JDK only: java Story.java [http://127.0.0.1:8080] */
public class Story {
    static final HttpClient HTTP = HttpClient.newHttpClient();
    static String layers;

    public static void main(String[] arguments) throws Exception {
        layers = (arguments.length > 0 ? arguments[0] : "http://127.0.0.1:8080") + "/api/v1/layers";
        String x = "[[1, 2], [3, 4], [5, 6]]";

        String layer =
                call("POST", "", "{\"name\": \"story-java\", \"convention\": \"pytorch\", \"features\": 2}");
        System.out.println("1 create: features " + field(layer, "features"));

        String step = call("POST", "/story-java/forward-train", "{\"input\": " + x + "}");
        show("2 forward-train", "output", numbers(step, "output"));
        show("2 forward-train", "running_mean", numbers(step, "running_mean"));
        show("2 forward-train", "running_var", numbers(step, "running_var"));

        String dy = "[[0.1, 0.2], [0.3, 0.4], [0.5, 0.6]]";
        String body = "{\"context_id\": " + field(step, "context_id") + ", \"grad_output\": " + dy + "}";
        String grads = call("POST", "/story-java/backward", body);
        double[] gradGamma = numbers(grads, "grad_gamma");
        double[] gradBeta = numbers(grads, "grad_beta");
        show("3 backward", "grad_gamma", gradGamma);
        show("3 backward", "grad_beta", gradBeta);

        String gamma = Arrays.toString(descend(numbers(layer, "gamma"), gradGamma));
        String beta = Arrays.toString(descend(numbers(layer, "beta"), gradBeta));
        layer = call("PATCH", "/story-java", "{\"gamma\": " + gamma + ", \"beta\": " + beta + "}");
        show("4 update", "gamma", numbers(layer, "gamma"));
        show("4 update", "beta", numbers(layer, "beta"));

        String inferred = call("POST", "/story-java/forward-infer", "{\"input\": " + x + "}");
        show("5 forward-infer", "output", numbers(inferred, "output"));
        call("DELETE", "/story-java", null);
    }

    static String call(String method, String path, String body) throws IOException, InterruptedException {
        HttpRequest.Builder request =
                HttpRequest.newBuilder(URI.create(layers + path))
                        .header("Content-Type", "application/json")
                        .method(method, body == null ? BodyPublishers.noBody() : BodyPublishers.ofString(body));
        String key = System.getenv("BATCHNORM_KEY");
        if (key != null) {
            request.header("Authorization", "Bearer " + key);
        }
        HttpResponse<String> answer = HTTP.send(request.build(), BodyHandlers.ofString());
        if (answer.statusCode() >= 300) {
            throw new IOException(answer.body());
        }
        return answer.body();
    }

    /** What stands behind a field of flat JSON; a real program takes a JSON library. */
    static String field(String json, String name) {
        Matcher value = Pattern.compile('"' + name + "\":(\\[[^a-z]*\\]|[^,}]*)").matcher(json);
        if (!value.find()) {
            throw new IllegalArgumentException("no " + name + " in " + json);
        }
        return value.group(1);
    }

    static double[] numbers(String json, String name) {
        String[] flat = field(json, name).replaceAll("[\\[\\]]", "").split(",");
        return Arrays.stream(flat).mapToDouble(Double::parseDouble).toArray();
    }

    static double[] descend(double[] values, double[] gradient) {
        double[] next = new double[values.length];
        Arrays.setAll(next, c -> values[c] - 0.1 * gradient[c]);
        return next;
    }

    static void show(String step, String name, double[] values) {
        StringBuilder line = new StringBuilder(step + ": " + name);
        for (double value : values) {
            line.append(String.format(Locale.ROOT, " %.9f", value));
        }
        System.out.println(line);
    }
}
