package batchnorm.web;

import batchnorm.codec.InvalidField;
import batchnorm.codec.Message;
import batchnorm.layer.Layer;
import batchnorm.layer.LayerName;
import batchnorm.layer.Layers;
import batchnorm.layer.Precondition;
import batchnorm.normalization.Moments;
import java.io.IOException;
import java.util.Objects;
import org.springframework.web.bind.annotation.PathVariable;
import org.springframework.web.bind.annotation.PostMapping;
import org.springframework.web.bind.annotation.RequestMapping;
import org.springframework.web.bind.annotation.RestController;

/// Statistics that somebody else computed.
@RestController
@RequestMapping("/api/v1")
final class StatisticsController {
    private final Layers layers;

    StatisticsController(Layers layers) {
        this.layers = layers;
    }

    @PostMapping("/statistics/merge")
    @Performs(Operation.MERGE_STATISTICS)
    void merge(Exchange exchange) throws IOException {
        Message request = exchange.read();
        exchange.answer(
                CollectiveMessages.merged(Moments.merge(CollectiveMessages.parts(request))));
    }

    @PostMapping("/layers/{name}/statistics")
    @Performs(Operation.INSTALL_STATISTICS)
    void install(@PathVariable LayerName name, Exchange exchange) throws IOException {
        Message request = exchange.read();
        Layer layer = changed(name, request, exchange.precondition());
        exchange.version(layer).answer(LayerMessages.layer(layer));
    }

    private Layer changed(LayerName name, Message request, Precondition precondition) {
        Moments population = CollectiveMessages.population(request);
        return switch (Objects.requireNonNullElse(request.text("mode"), "install")) {
            case "install" -> {
                requireNone(request, "running_count", "install");
                Long batches = request.integer("num_batches_tracked");
                yield layers.install(name, precondition, population, batches == null ? 1 : batches);
            }
            case "merge" -> {
                requireNone(request, "num_batches_tracked", "merge");
                long runningCount = CollectiveMessages.integer(request, "running_count");
                yield layers.merge(name, precondition, population, runningCount);
            }
            default -> throw new InvalidField("mode", "\"mode\" must be \"install\" or \"merge\"");
        };
    }

    private static void requireNone(Message request, String field, String mode) {
        if (request.has(field)) {
            throw new InvalidField(
                    field, "\"" + field + "\" has no meaning with \"mode\": \"" + mode + "\"");
        }
    }
}
