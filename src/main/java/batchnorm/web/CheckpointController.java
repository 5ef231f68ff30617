package batchnorm.web;

import batchnorm.access.AuditEvent;
import batchnorm.access.AuditLog;
import batchnorm.checkpoint.Export;
import batchnorm.checkpoint.Import;
import batchnorm.checkpoint.ImportReport;
import batchnorm.codec.Message;
import batchnorm.layer.Layer;
import batchnorm.layer.LayerName;
import batchnorm.layer.LayerStore;
import batchnorm.layer.Layers;
import java.io.IOException;
import java.util.List;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.PathVariable;
import org.springframework.web.bind.annotation.PostMapping;
import org.springframework.web.bind.annotation.RequestMapping;
import org.springframework.web.bind.annotation.RestController;

/// Layers out of and into checkpoints.
///
/// A layer may be called `import` like any other: only a POST has this path, and no layer answers
/// one.
@RestController
@RequestMapping("/api/v1")
final class CheckpointController {
    private final Layers layers;
    private final AuditLog audit;

    CheckpointController(Layers layers, AuditLog audit) {
        this.layers = layers;
        this.audit = audit;
    }

    @GetMapping("/layers/{name}/state")
    @Performs(Operation.EXPORT_LAYER)
    void exportLayer(@PathVariable LayerName name, Exchange exchange) throws IOException {
        Export export = CheckpointMessages.export(exchange.parameters());
        Layer layer = layers.get(name);
        exchange.reserve(LayerStore.vectorBytes(layer.features()) / 2); // as FP32
        export.add("", layer);
        exchange.version(layer).file(name.value(), export);
    }

    @GetMapping("/state")
    @Performs(Operation.EXPORT_LAYERS)
    void exportLayers(Exchange exchange) throws IOException {
        Message query = exchange.parameters();
        Export export = CheckpointMessages.export(query);
        for (LayerName name : CheckpointMessages.names(query, layers)) {
            Layer layer = layers.get(name);
            exchange.reserve(LayerStore.vectorBytes(layer.features()) / 2); // as FP32
            export.add(name.value(), layer);
            exchange.requireRoom(export.state());
        }
        exchange.file("layers", export);
    }

    @PostMapping("/layers/import")
    @Performs(Operation.IMPORT_LAYERS)
    void importLayers(Exchange exchange) throws IOException {
        Message query = exchange.parameters();
        Import wanted = CheckpointMessages.wanted(query);
        ImportReport found = wanted.find(exchange.readCheckpoint(wanted.selection()));
        List<Layer> created = layers.createAll(found.newLayers(), query.bool("replace", false));
        for (Layer layer : created) {
            boolean isNew = layer.version() == 1;
            audit.record(isNew ? AuditEvent.CREATE : AuditEvent.REPLACE, layer.name().value());
        }
        exchange.answer(CheckpointMessages.report(found, created));
    }
}
