package batchnorm.web;

import batchnorm.access.AuditEvent;
import batchnorm.access.AuditLog;
import batchnorm.codec.Message;
import batchnorm.layer.Converted;
import batchnorm.layer.Layer;
import batchnorm.layer.LayerName;
import batchnorm.layer.LayerSummary;
import batchnorm.layer.Layers;
import batchnorm.normalization.Convention;
import java.io.IOException;
import java.util.List;
import org.springframework.web.bind.annotation.DeleteMapping;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.PatchMapping;
import org.springframework.web.bind.annotation.PathVariable;
import org.springframework.web.bind.annotation.PostMapping;
import org.springframework.web.bind.annotation.RequestMapping;
import org.springframework.web.bind.annotation.RestController;

/// The registry.
@RestController
@RequestMapping("/api/v1/layers")
final class LayerController {
    static final int MAX_PAGE = 1000;
    private final Layers layers;
    private final AuditLog audit;

    LayerController(Layers layers, AuditLog audit) {
        this.layers = layers;
        this.audit = audit;
    }

    @PostMapping
    @Performs(Operation.CREATE_LAYER)
    void create(Exchange exchange) throws IOException {
        Message request = exchange.read();
        LayerName name = new LayerName(request.requireText("name"));
        Layer layer =
                layers.create(
                        name,
                        LayerMessages.convention(request).config(),
                        LayerMessages.creation(request));
        audit.record(AuditEvent.CREATE, name.value());
        exchange.version(layer)
                .created("/api/v1/layers/" + layer.name(), LayerMessages.layer(layer));
    }

    @GetMapping
    @Performs(Operation.LIST_LAYERS)
    void list(Exchange exchange) throws IOException {
        Message page = exchange.parameters();
        int limit = LayerMessages.pageLimit(page);
        String after = page.text("after");
        List<LayerSummary> found =
                layers.list(limit + 1, after == null ? null : new LayerName(after));
        boolean more = found.size() > limit;
        exchange.answer(LayerMessages.page(more ? found.subList(0, limit) : found, more));
    }

    @GetMapping("/{name}")
    @Performs(Operation.GET_LAYER)
    void get(@PathVariable LayerName name, Exchange exchange) throws IOException {
        Layer layer = layers.get(name);
        if (!exchange.isUnchanged(layer)) {
            exchange.version(layer).answer(LayerMessages.layer(layer));
        }
    }

    @PatchMapping("/{name}")
    @Performs(Operation.PATCH_LAYER)
    void patch(@PathVariable LayerName name, Exchange exchange) throws IOException {
        Message request = exchange.read();
        Layer layer = layers.revise(name, exchange.precondition(), LayerMessages.revision(request));
        exchange.version(layer).answer(LayerMessages.layer(layer));
    }

    @PostMapping("/{name}/convert")
    @Performs(Operation.CONVERT)
    void convert(@PathVariable LayerName name, Exchange exchange) throws IOException {
        Message request = exchange.parameters();
        boolean dryRun = request.bool("dry_run", false);
        Convention convention = Convention.parse(request.requireText("to"));
        Converted converted = layers.convert(name, exchange.precondition(), convention, dryRun);
        exchange.version(converted.layer()).answer(LayerMessages.converted(converted, dryRun));
    }

    @DeleteMapping("/{name}")
    @Performs(Operation.DELETE_LAYER)
    void delete(@PathVariable LayerName name, Exchange exchange) {
        layers.delete(name, exchange.precondition());
        audit.record(AuditEvent.DELETE, name.value());
        exchange.noContent();
    }

    @PostMapping("/{name}/reset")
    @Performs(Operation.RESET_LAYER)
    void reset(@PathVariable LayerName name, Exchange exchange) throws IOException {
        Layer layer = layers.reset(name, exchange.precondition());
        exchange.version(layer).answer(LayerMessages.layer(layer));
    }
}
