package batchnorm.web.controller;

import static batchnorm.access.Scope.INFER;
import static batchnorm.web.problem.ProblemType.INVALID_CONFIG;
import static batchnorm.web.problem.ProblemType.NON_FINITE_RESULT;
import static batchnorm.web.problem.ProblemType.NOT_EXACT;
import static batchnorm.web.problem.ProblemType.SHAPE_MISMATCH;

import batchnorm.access.RequiredScope;
import batchnorm.admission.ThrottledRequest;
import batchnorm.layer.Layer;
import batchnorm.layer.LayerName;
import batchnorm.layer.LayerStore;
import batchnorm.layer.Layers;
import batchnorm.normalization.Folding;
import batchnorm.normalization.Folding.Folded;
import batchnorm.normalization.LinearMap;
import batchnorm.web.api.AffineAnswer;
import batchnorm.web.api.FoldAnswer;
import batchnorm.web.api.FoldRequest;
import batchnorm.web.openapi.ResponseHeaders;
import batchnorm.web.problem.Fails;
import io.swagger.v3.oas.annotations.tags.Tag;
import org.springframework.http.ResponseEntity;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.PathVariable;
import org.springframework.web.bind.annotation.PostMapping;
import org.springframework.web.bind.annotation.RequestBody;
import org.springframework.web.bind.annotation.RequestMapping;
import org.springframework.web.bind.annotation.RestController;

/// Folding of a layer's inference into an affine map or adjacent weights.
@RestController
@RequestMapping("/api/v1/layers/{name}")
@Tag(name = "Fold into weights")
final class FoldController {
    private final Layers layers;

    FoldController(Layers layers) {
        this.layers = layers;
    }

    @GetMapping("/affine")
    @RequiredScope(INFER)
    @ResponseHeaders({"ETag", "Layer-Version"})
    @Fails(with = {INVALID_CONFIG, NON_FINITE_RESULT})
    ResponseEntity<AffineAnswer> getAffine(@PathVariable LayerName name) {
        Layer layer = loaded(name);
        return LayerResponses.ok(layer).body(AffineAnswer.of(layer));
    }

    @PostMapping("/fold")
    @RequiredScope(INFER)
    @ResponseHeaders({"ETag", "Layer-Version"})
    @Fails(with = {SHAPE_MISMATCH, NOT_EXACT, INVALID_CONFIG, NON_FINITE_RESULT})
    ResponseEntity<FoldAnswer> foldLayer(
            @PathVariable LayerName name, @RequestBody FoldRequest request) {
        LinearMap map = request.map();
        Layer layer = loaded(name);
        Folded folded = Folding.fold(layer.affine(), request.position(), map);
        return LayerResponses.ok(layer).body(FoldAnswer.of(folded));
    }

    /// Returns the layer with memory reserved for its map.
    private Layer loaded(LayerName name) {
        Layer layer = layers.get(name);
        ThrottledRequest.reserve(LayerStore.vectorBytes(layer.features()) / 2);
        return layer;
    }
}
