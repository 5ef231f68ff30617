package batchnorm.openinference;

import batchnorm.access.RequiredScope;
import batchnorm.access.Scope;
import batchnorm.codec.Message;
import batchnorm.layer.Layer;
import jakarta.servlet.http.HttpServletResponse;
import java.io.IOException;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.PathVariable;
import org.springframework.web.bind.annotation.RestController;

/// Model metadata, readiness, configuration and statistics.
@RestController
final class ModelController {
    private final Models models;
    private final ModelStatistics statistics;

    ModelController(Models models, ModelStatistics statistics) {
        this.models = models;
        this.statistics = statistics;
    }

    @GetMapping({"/v2/models/{name}", "/v2/models/{name}/versions/{version}"})
    @RequiredScope(Scope.INFER)
    void metadata(
            @PathVariable String name,
            @PathVariable(required = false) @Nullable String version,
            HttpServletResponse response)
            throws IOException {
        JsonAnswer.send(ModelMessages.metadata(layer(name, version)), response);
    }

    @GetMapping({"/v2/models/{name}/ready", "/v2/models/{name}/versions/{version}/ready"})
    @RequiredScope(Scope.INFER)
    void ready(
            @PathVariable String name,
            @PathVariable(required = false) @Nullable String version,
            HttpServletResponse response)
            throws IOException {
        JsonAnswer.send(ModelMessages.ready(layer(name, version).name()), response);
    }

    @GetMapping({"/v2/models/{name}/config", "/v2/models/{name}/versions/{version}/config"})
    @RequiredScope(Scope.INFER)
    void config(
            @PathVariable String name,
            @PathVariable(required = false) @Nullable String version,
            HttpServletResponse response)
            throws IOException {
        JsonAnswer.send(ModelMessages.config(layer(name, version)), response);
    }

    @GetMapping({"/v2/models/{name}/stats", "/v2/models/{name}/versions/{version}/stats"})
    @RequiredScope(Scope.INFER)
    void statistics(
            @PathVariable String name,
            @PathVariable(required = false) @Nullable String version,
            HttpServletResponse response)
            throws IOException {
        Layer layer = layer(name, version);
        send(List.of(statistics.of(layer.name(), layer.version())), response);
    }

    /// Returns the statistics of the thousand most recently used models. Does not load vectors.
    @GetMapping("/v2/models/stats")
    @RequiredScope(Scope.INFER)
    void statistics(HttpServletResponse response) throws IOException {
        send(
                statistics.names().stream()
                        .flatMap(name -> models.summary(name).stream())
                        .map(layer -> statistics.of(layer.name(), layer.version()))
                        .toList(),
                response);
    }

    private static void send(List<Message> models, HttpServletResponse response)
            throws IOException {
        JsonAnswer.send(new Message().with("model_stats", models), response);
    }

    private Layer layer(String name, @Nullable String version) {
        return models.get(Models.name(name), version);
    }
}
