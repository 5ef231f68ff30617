package batchnorm.web;

import batchnorm.layer.LayerName;
import batchnorm.layer.ParameterUpdates;
import batchnorm.layer.Updated;
import java.io.IOException;
import org.springframework.web.bind.annotation.PathVariable;
import org.springframework.web.bind.annotation.PostMapping;
import org.springframework.web.bind.annotation.RestController;

/// Steps of gamma and beta, for clients that keep no parameters.
@RestController
final class OptimizerController {
    private final ParameterUpdates updates;

    OptimizerController(ParameterUpdates updates) {
        this.updates = updates;
    }

    @PostMapping("/api/v1/layers/{name}/apply-gradients")
    @Performs(Operation.APPLY_GRADIENTS)
    void applyGradients(@PathVariable LayerName name, Exchange exchange) throws IOException {
        Updated updated = updates.apply(name, OptimizerMessages.update(exchange.read(), exchange));
        exchange.version(updated.tag(), updated.version())
                .replayed(updated.replayed())
                .answer(OptimizerMessages.updated(updated));
    }
}
