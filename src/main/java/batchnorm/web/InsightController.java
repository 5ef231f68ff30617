package batchnorm.web;

import batchnorm.codec.Message;
import batchnorm.layer.Insights;
import batchnorm.layer.Layer;
import batchnorm.layer.LayerName;
import batchnorm.layer.Layers;
import java.io.IOException;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.PathVariable;
import org.springframework.web.bind.annotation.PostMapping;
import org.springframework.web.bind.annotation.RequestMapping;
import org.springframework.web.bind.annotation.RestController;

/// Looks into a layer, and changes nothing.
@RestController
@RequestMapping("/api/v1/layers/{name}")
final class InsightController {
    private final Layers layers;
    private final Insights insights;
    private final DriftHistory history;

    InsightController(Layers layers, Insights insights, DriftHistory history) {
        this.layers = layers;
        this.insights = insights;
        this.history = history;
    }

    @GetMapping("/health")
    @Performs(Operation.HEALTH)
    void health(@PathVariable LayerName name, Exchange exchange) throws IOException {
        Layer layer = layers.get(name);
        exchange.version(layer).answer(InsightMessages.health(layer, history.of(layer)));
    }

    @PostMapping("/explain")
    @Performs(Operation.EXPLAIN)
    void explain(@PathVariable LayerName name, Exchange exchange) throws IOException {
        Message request = exchange.read();
        Layer layer = layers.get(name);
        exchange.version(layer)
                .answer(
                        InsightMessages.explanation(
                                insights.explain(
                                        layer,
                                        request.requireTensor("input"),
                                        request.tensor("grad_output"),
                                        PassMessages.mode(request)),
                                request));
    }

    @PostMapping("/gradient-check")
    @Performs(Operation.GRADIENT_CHECK)
    void gradientCheck(@PathVariable LayerName name, Exchange exchange) throws IOException {
        Message request = exchange.read();
        Layer layer = layers.get(name);
        exchange.version(layer)
                .answer(
                        InsightMessages.gradientCheck(
                                insights.checkGradients(
                                        layer,
                                        request.requireTensor("input"),
                                        request.tensor("grad_output"),
                                        PassMessages.mode(request))));
    }
}
