package batchnorm.web.controller;

import static batchnorm.access.Scope.INFER;
import static batchnorm.access.Scope.TRAIN;
import static batchnorm.web.problem.ProblemGroup.KNOBS;
import static batchnorm.web.problem.ProblemGroup.LAYER;
import static batchnorm.web.problem.ProblemGroup.WRITE;
import static batchnorm.web.problem.ProblemType.INVALID_CONFIG;
import static batchnorm.web.problem.ProblemType.LAYER_EXISTS;
import static batchnorm.web.problem.ProblemType.NON_FINITE_RESULT;
import static batchnorm.web.problem.ProblemType.NOT_EXACT;
import static batchnorm.web.problem.ProblemType.PAYLOAD_TOO_LARGE;
import static batchnorm.web.problem.ProblemType.SHAPE_MISMATCH;

import batchnorm.access.AuditEvent;
import batchnorm.access.AuditLog;
import batchnorm.access.RequiredScope;
import batchnorm.admission.RequestLimits;
import batchnorm.admission.ThrottledRequest;
import batchnorm.checkpoint.Export;
import batchnorm.checkpoint.Import;
import batchnorm.checkpoint.ImportReport;
import batchnorm.checkpoint.Inspection;
import batchnorm.checkpoint.Inspector;
import batchnorm.codec.BodyTooLarge;
import batchnorm.layer.Layer;
import batchnorm.layer.LayerName;
import batchnorm.layer.LayerStore;
import batchnorm.layer.Layers;
import batchnorm.web.api.ExportLayersQuery;
import batchnorm.web.api.ExportQuery;
import batchnorm.web.api.ImportAnswer;
import batchnorm.web.api.ImportQuery;
import batchnorm.web.api.InspectAnswer;
import batchnorm.web.api.InspectQuery;
import batchnorm.web.binding.CheckpointBody;
import batchnorm.web.binding.CheckpointDownload;
import batchnorm.web.binding.Query;
import batchnorm.web.openapi.ResponseHeaders;
import batchnorm.web.problem.Fails;
import io.swagger.v3.oas.annotations.tags.Tag;
import java.io.IOException;
import java.util.List;
import org.springframework.http.ResponseEntity;
import org.springframework.http.ResponseEntity.BodyBuilder;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.PathVariable;
import org.springframework.web.bind.annotation.PostMapping;
import org.springframework.web.bind.annotation.RequestBody;
import org.springframework.web.bind.annotation.RequestMapping;
import org.springframework.web.bind.annotation.RestController;

/// Inspection of checkpoints; export and import of layers as checkpoints.
///
/// The path `layers/import` accepts only POST, and no path of a layer's name does. So a layer may
/// have the name `import`.
@RestController
@RequestMapping("/api/v1")
@Tag(name = "Checkpoints")
final class CheckpointController {
    private static final String STATE_EXACT = "State-Exact";
    private final Layers layers;
    private final RequestLimits limits;
    private final AuditLog audit;

    CheckpointController(Layers layers, RequestLimits limits, AuditLog audit) {
        this.layers = layers;
        this.limits = limits;
        this.audit = audit;
    }

    @GetMapping("/layers/{name}/state")
    @RequiredScope(INFER)
    @ResponseHeaders({"ETag", "Layer-Version", STATE_EXACT})
    @Fails(with = {INVALID_CONFIG, NOT_EXACT, NON_FINITE_RESULT})
    ResponseEntity<CheckpointDownload> exportLayer(
            @PathVariable LayerName name, @Query ExportQuery query) {
        Export export = query.export();
        Layer layer = layers.get(name);
        add(export, "", layer);
        return file(LayerResponses.ok(layer), name.value(), export);
    }

    @GetMapping("/state")
    @RequiredScope(INFER)
    @ResponseHeaders(STATE_EXACT)
    @Fails(
            like = LAYER,
            with = {PAYLOAD_TOO_LARGE, INVALID_CONFIG, NOT_EXACT, NON_FINITE_RESULT})
    ResponseEntity<CheckpointDownload> exportLayers(@Query ExportLayersQuery query) {
        Export export = query.export();
        for (LayerName name : new NamePatterns(query.names()).in(layers)) {
            add(export, name.value(), layers.get(name));
            requireWithinLimit(export);
        }
        return file(ResponseEntity.ok(), "layers", export);
    }

    private static void add(Export export, String path, Layer layer) {
        ThrottledRequest.reserve(LayerStore.vectorBytes(layer.features()) / 2); // as FP32
        export.add(path, layer);
    }

    /// Rejects an export beyond the size limit of a request.
    private void requireWithinLimit(Export export) {
        if (export.state().elements() > limits.maxElements()) {
            throw new BodyTooLarge(
                    "the export would have more than "
                            + limits.maxElements()
                            + " numbers; name fewer layers, or raise BATCHNORM_MAX_ELEMENTS");
        }
    }

    /// @param name of the file, without its extension
    private static ResponseEntity<CheckpointDownload> file(
            BodyBuilder response, String name, Export export) {
        return response.header(STATE_EXACT, Boolean.toString(export.isExact()))
                .body(new CheckpointDownload(name, export));
    }

    @PostMapping("/checkpoints/inspect")
    @RequiredScope(INFER)
    @Fails(with = {PAYLOAD_TOO_LARGE, SHAPE_MISMATCH})
    ResponseEntity<InspectAnswer> inspectCheckpoint(
            @Query InspectQuery query, @RequestBody CheckpointBody body) throws IOException {
        Inspector options = query.options();
        Inspection inspection = options.inspect(body.read(options.selection()));
        return ResponseEntity.ok(InspectAnswer.of(inspection, query.vectors()));
    }

    @PostMapping("/layers/import")
    @RequiredScope(TRAIN)
    @Fails(
            like = {KNOBS, WRITE},
            with = {LAYER_EXISTS, SHAPE_MISMATCH})
    ResponseEntity<ImportAnswer> importLayers(
            @Query ImportQuery query, @RequestBody CheckpointBody body) throws IOException {
        Import options = query.options();
        ImportReport report = options.find(body.read(options.selection()));
        List<Layer> created = layers.createAll(report.newLayers(), query.replace());
        for (Layer layer : created) {
            boolean isNew = layer.version() == 1;
            audit.record(isNew ? AuditEvent.CREATE : AuditEvent.REPLACE, layer.name().value());
        }
        return ResponseEntity.ok(ImportAnswer.of(report, created));
    }
}
