package batchnorm.web;

import batchnorm.layer.Layer;
import batchnorm.layer.LayerName;
import batchnorm.layer.Layers;
import java.io.IOException;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.PathVariable;
import org.springframework.web.bind.annotation.RequestMapping;
import org.springframework.web.bind.annotation.RestController;

/// Looks into a layer, and changes nothing.
@RestController
@RequestMapping("/api/v1/layers/{name}")
final class InsightController {
    private final Layers layers;
    private final DriftHistory history;

    InsightController(Layers layers, DriftHistory history) {
        this.layers = layers;
        this.history = history;
    }

    @GetMapping("/health")
    @Performs(Operation.HEALTH)
    void health(@PathVariable LayerName name, Exchange exchange) throws IOException {
        Layer layer = layers.get(name);
        exchange.version(layer).answer(InsightMessages.health(layer, history.of(layer)));
    }
}
