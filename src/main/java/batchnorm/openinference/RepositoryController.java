package batchnorm.openinference;

import batchnorm.access.Scope;
import batchnorm.codec.Message;
import batchnorm.layer.LayerName;
import batchnorm.layer.LayerSummary;
import batchnorm.layer.Layers;
import jakarta.servlet.http.HttpServletResponse;
import java.io.IOException;
import java.util.List;
import java.util.stream.Stream;
import org.springframework.web.bind.annotation.PathVariable;
import org.springframework.web.bind.annotation.PostMapping;
import org.springframework.web.bind.annotation.RestController;

/// The registry as a model repository, all of whose models are loaded for as long as they exist.
/// Bodies are not read: nothing in them makes a difference.
@RestController
final class RepositoryController {
    private static final int PAGE = 1000;
    private final Layers layers;
    private final Models models;

    RepositoryController(Layers layers, Models models) {
        this.layers = layers;
        this.models = models;
    }

    @PostMapping("/v2/repository/index")
    @Needs(Scope.INFER)
    void index(HttpServletResponse response) throws IOException {
        JsonAnswer.send(
                () -> pages().flatMap(List::stream).map(RepositoryController::entry).iterator(),
                response);
    }

    @PostMapping("/v2/repository/models/{name}/load")
    @Needs(Scope.ADMIN)
    void load(@PathVariable String name, HttpServletResponse response) throws IOException {
        exists(name, "load", response);
    }

    @PostMapping("/v2/repository/models/{name}/unload")
    @Needs(Scope.ADMIN)
    void unload(@PathVariable String name, HttpServletResponse response) throws IOException {
        exists(name, "unload", response);
    }

    private void exists(String name, String done, HttpServletResponse response) throws IOException {
        LayerName model = models.get(Models.name(name), null).name();
        JsonAnswer.send(
                new Message().with("name", model.value()).with(done, (Boolean) true), response);
    }

    /// All layers, a page at a time, each page read when its turn comes.
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
