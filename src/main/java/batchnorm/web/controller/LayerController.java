package batchnorm.web.controller;

import static batchnorm.access.Scope.ADMIN;
import static batchnorm.access.Scope.INFER;
import static batchnorm.access.Scope.TRAIN;
import static batchnorm.web.problem.ProblemGroup.CHANGE;
import static batchnorm.web.problem.ProblemGroup.KNOBS;
import static batchnorm.web.problem.ProblemGroup.WRITE;
import static batchnorm.web.problem.ProblemType.INVALID_CONFIG;
import static batchnorm.web.problem.ProblemType.INVALID_NAME;
import static batchnorm.web.problem.ProblemType.LAYER_EXISTS;
import static batchnorm.web.problem.ProblemType.VERSION_MISMATCH;

import batchnorm.access.AuditEvent;
import batchnorm.access.AuditLog;
import batchnorm.access.RequiredScope;
import batchnorm.layer.Converted;
import batchnorm.layer.Layer;
import batchnorm.layer.LayerName;
import batchnorm.layer.Layers;
import batchnorm.layer.Precondition;
import batchnorm.web.api.ConvertQuery;
import batchnorm.web.api.ConvertedLayer;
import batchnorm.web.api.CreateLayerRequest;
import batchnorm.web.api.LayerAnswer;
import batchnorm.web.api.LayerPage;
import batchnorm.web.api.LayerPatchRequest;
import batchnorm.web.api.ListLayersQuery;
import batchnorm.web.binding.Query;
import batchnorm.web.openapi.ResponseHeaders;
import batchnorm.web.problem.Fails;
import io.swagger.v3.oas.annotations.tags.Tag;
import java.net.URI;
import org.springframework.http.HttpStatus;
import org.springframework.http.ResponseEntity;
import org.springframework.web.bind.annotation.DeleteMapping;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.PatchMapping;
import org.springframework.web.bind.annotation.PathVariable;
import org.springframework.web.bind.annotation.PostMapping;
import org.springframework.web.bind.annotation.RequestBody;
import org.springframework.web.bind.annotation.RequestMapping;
import org.springframework.web.bind.annotation.ResponseStatus;
import org.springframework.web.bind.annotation.RestController;

/// The registry of layers.
@RestController
@RequestMapping("/api/v1/layers")
@Tag(name = "Layers")
final class LayerController {
    private final Layers layers;
    private final AuditLog audit;

    LayerController(Layers layers, AuditLog audit) {
        this.layers = layers;
        this.audit = audit;
    }

    @PostMapping
    @RequiredScope(TRAIN)
    @ResponseStatus(HttpStatus.CREATED)
    @ResponseHeaders({"Location", "ETag", "Layer-Version"})
    @Fails(
            like = {KNOBS, WRITE},
            with = {INVALID_NAME, LAYER_EXISTS})
    ResponseEntity<LayerAnswer> createLayer(@RequestBody CreateLayerRequest request) {
        Layer layer = layers.create(request.name(), request.preset(), request.patch());
        audit.record(AuditEvent.CREATE, layer.name().value());
        return LayerResponses.versioned(
                        ResponseEntity.created(URI.create("/api/v1/layers/" + layer.name())),
                        layer.tag(),
                        layer.version())
                .body(LayerAnswer.of(layer));
    }

    @GetMapping
    @RequiredScope(INFER)
    @Fails(with = INVALID_NAME)
    ResponseEntity<LayerPage> listLayers(@Query ListLayersQuery page) {
        return ResponseEntity.ok(
                LayerPage.of(layers.list(page.limit() + 1, page.after()), page.limit()));
    }

    @GetMapping("/{name}")
    @RequiredScope(INFER)
    @ResponseHeaders({"ETag", "Layer-Version"})
    ResponseEntity<LayerAnswer> getLayer(@PathVariable LayerName name) {
        return LayerResponses.of(layers.get(name));
    }

    @PatchMapping("/{name}")
    @RequiredScope(TRAIN)
    @ResponseHeaders({"ETag", "Layer-Version"})
    @Fails(like = {CHANGE, KNOBS, WRITE})
    ResponseEntity<LayerAnswer> patchLayer(
            @PathVariable LayerName name,
            @RequestBody LayerPatchRequest request,
            Precondition ifMatch) {
        return LayerResponses.of(layers.revise(name, ifMatch, request.patch()));
    }

    @PostMapping("/{name}/convert")
    @RequiredScope(TRAIN)
    @ResponseHeaders({"ETag", "Layer-Version"})
    @Fails(
            like = WRITE,
            with = {VERSION_MISMATCH, INVALID_CONFIG})
    ResponseEntity<ConvertedLayer> convert(
            @PathVariable LayerName name, @Query ConvertQuery query, Precondition ifMatch) {
        Converted converted = layers.convert(name, ifMatch, query.to(), query.dryRun());
        return LayerResponses.ok(converted.layer())
                .body(ConvertedLayer.of(converted, query.dryRun()));
    }

    @DeleteMapping("/{name}")
    @RequiredScope(ADMIN)
    @Fails(like = WRITE, with = VERSION_MISMATCH)
    ResponseEntity<Void> deleteLayer(@PathVariable LayerName name, Precondition ifMatch) {
        layers.delete(name, ifMatch);
        audit.record(AuditEvent.DELETE, name.value());
        return ResponseEntity.noContent().build();
    }

    @PostMapping("/{name}/reset")
    @RequiredScope(TRAIN)
    @ResponseHeaders({"ETag", "Layer-Version"})
    @Fails(like = {CHANGE, WRITE})
    ResponseEntity<LayerAnswer> resetLayer(@PathVariable LayerName name, Precondition ifMatch) {
        return LayerResponses.of(layers.reset(name, ifMatch));
    }
}
