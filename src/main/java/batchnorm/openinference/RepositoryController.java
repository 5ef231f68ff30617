package batchnorm.openinference;

import batchnorm.access.RequiredScope;
import batchnorm.access.Scope;
import batchnorm.codec.InvalidField;
import batchnorm.codec.Message;
import batchnorm.layer.LayerName;
import batchnorm.layer.LayerSummary;
import batchnorm.layer.Layers;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import java.io.IOException;
import java.util.List;
import java.util.stream.Stream;
import org.springframework.web.bind.annotation.PathVariable;
import org.springframework.web.bind.annotation.PostMapping;
import org.springframework.web.bind.annotation.RestController;

/// The registry as a model repository, whose models are loaded for as long as they exist. As in a
/// Triton server without explicit model control, models cannot be unloaded or replaced.
@RestController
final class RepositoryController {
    private static final int PAGE = 1000;

    /// The limit of a listing, whose entries take about 80 bytes each.
    private static final int MAX_MODELS = 10_000;

    private final Layers layers;
    private final Models models;
    private final InferenceBodies bodies;

    RepositoryController(Layers layers, Models models, InferenceBodies bodies) {
        this.layers = layers;
        this.models = models;
        this.bodies = bodies;
    }

    @PostMapping("/v2/repository/index")
    @RequiredScope(Scope.INFER)
    void index(HttpServletResponse response) throws IOException {
        List<LayerSummary> all = pages().flatMap(List::stream).limit(MAX_MODELS + 1L).toList();
        if (all.size() > MAX_MODELS) {
            throw new InvalidField(
                    "index",
                    "there are more than "
                            + MAX_MODELS
                            + " models, which this protocol cannot list page by page; use"
                            + " GET /api/v1/layers?limit=1000&after=");
        }
        JsonAnswer.send(() -> all.stream().map(RepositoryController::entry).iterator(), response);
    }

    @PostMapping("/v2/repository/models/{name}/load")
    @RequiredScope(Scope.ADMIN)
    void load(@PathVariable String name, HttpServletRequest request, HttpServletResponse response)
            throws IOException {
        LayerName model = models.get(Models.name(name), null).name();
        bodies.readParameterNames(request, parameter -> requireNoChange(model, parameter));
        JsonAnswer.send(
                new Message().with("name", model.value()).with("load", (Boolean) true), response);
    }

    /// @throws InvalidField for a parameter that would change the model
    private static void requireNoChange(LayerName model, String parameter) {
        if (parameter.equals("config")) {
            throw new InvalidField(
                    "parameters.config",
                    "a load cannot change a layer, and rejects \"config\"; PATCH /api/v1/layers/"
                            + model
                            + " changes its knobs");
        }
        if (parameter.startsWith("file:")) {
            throw new InvalidField(
                    "parameters",
                    "a load cannot include files, and rejects \"file:…\"; POST /api/v1/layers/import"
                            + " makes layers from a checkpoint");
        }
    }

    @PostMapping("/v2/repository/models/{name}/unload")
    @RequiredScope(Scope.ADMIN)
    void unload(@PathVariable String name) {
        LayerName model = models.get(Models.name(name), null).name();
        throw new InvalidField(
                "name",
                "a layer cannot be unloaded, it is loaded for as long as it exists;"
                        + " DELETE /api/v1/layers/"
                        + model
                        + " deletes it");
    }

    /// Returns all layers in lazily read pages.
    private Stream<List<LayerSummary>> pages() {
        return Stream.iterate(
                layers.list(PAGE, null),
                page -> !page.isEmpty(),
                page -> layers.list(PAGE, page.getLast().name()));
    }

    private static Message entry(LayerSummary layer) {
        return new Message()
                .with("name", layer.name().value())
                .with("version", Long.toString(layer.version()))
                .with("state", "READY")
                .with("reason", "");
    }
}
