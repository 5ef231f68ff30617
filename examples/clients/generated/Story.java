import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import org.openapitools.client.ApiClient;
import org.openapitools.client.api.LayersApi;
import org.openapitools.client.api.ForwardAndBackwardApi;
import org.openapitools.client.model.BackwardRequest;
import org.openapitools.client.model.CreateLayerRequest;
import org.openapitools.client.model.ForwardInferRequest;
import org.openapitools.client.model.ForwardTrainRequest;
import org.openapitools.client.model.LayerPatch;

/** The five-step story with the Java client that OpenAPI Generator makes from docs/openapi.json. */
public class Story {
    static void show(String step, String name, Object values) {
        StringBuilder line = new StringBuilder(step + ": " + name);
        flat(values).forEach(value -> line.append(String.format(Locale.ROOT, " %.9f", value)));
        System.out.println(line);
    }

    static List<Double> flat(Object tensor) {
        List<Double> values = new ArrayList<>();
        if (tensor instanceof List<?> items) {
            items.forEach(item -> values.addAll(flat(item)));
        } else {
            values.add(((Number) tensor).doubleValue());
        }
        return values;
    }

    static List<Double> down(List<Double> values, List<Double> gradient) {
        List<Double> next = new ArrayList<>();
        for (int c = 0; c < values.size(); c++) {
            next.add(values.get(c) - 0.1 * gradient.get(c));
        }
        return next;
    }

    public static void main(String[] arguments) throws Exception {
        var client = new ApiClient().setBasePath(arguments[0]);
        var layers = new LayersApi(client);
        var passes = new ForwardAndBackwardApi(client);
        var name = "story-generated";
        var x = List.of(List.of(1, 2), List.of(3, 4), List.of(5, 6));

        var layer = layers.createLayer(
                new CreateLayerRequest()
                        .name(name)
                        .convention(CreateLayerRequest.ConventionEnum.PYTORCH)
                        .features(2L));
        System.out.println("1 create: features " + layer.getFeatures());

        var step = passes.forwardTrain(
                name, new ForwardTrainRequest().input(x), null, null, null, null, null);
        show("2 forward-train", "output", step.getOutput());
        show("2 forward-train", "running_mean", step.getRunningMean());
        show("2 forward-train", "running_var", step.getRunningVar());

        var dy = List.of(List.of(0.1, 0.2), List.of(0.3, 0.4), List.of(0.5, 0.6));
        var grads = passes.backward(
                name,
                new BackwardRequest().contextId(step.getContextId()).gradOutput(dy),
                null,
                null,
                null);
        show("3 backward", "grad_gamma", grads.getGradGamma());
        show("3 backward", "grad_beta", grads.getGradBeta());

        layer = layers.patchLayer(
                name,
                new LayerPatch()
                        .gamma(down(layer.getGamma(), grads.getGradGamma()))
                        .beta(down(layer.getBeta(), grads.getGradBeta())),
                null);
        show("4 update", "gamma", layer.getGamma());
        show("4 update", "beta", layer.getBeta());

        show(
                "5 forward-infer",
                "output",
                passes.forwardInfer(name, new ForwardInferRequest().input(x), null, null)
                        .getOutput());
        layers.deleteLayer(name, null);
    }
}
