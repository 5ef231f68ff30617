package batchnorm.web.controller;

import static batchnorm.access.Scope.INFER;
import static batchnorm.access.Scope.TRAIN;
import static batchnorm.web.problem.ProblemGroup.BATCH;
import static batchnorm.web.problem.ProblemType.BATCH_TOO_LARGE;
import static batchnorm.web.problem.ProblemType.INVALID_CONFIG;

import batchnorm.access.RequiredScope;
import batchnorm.layer.Insights;
import batchnorm.layer.Layer;
import batchnorm.layer.LayerName;
import batchnorm.layer.Layers;
import batchnorm.web.api.ExplainRequest;
import batchnorm.web.api.ExplanationAnswer;
import batchnorm.web.api.GradientCheckAnswer;
import batchnorm.web.api.GradientCheckRequest;
import batchnorm.web.api.HealthAnswer;
import batchnorm.web.openapi.ResponseHeaders;
import batchnorm.web.problem.Fails;
import batchnorm.web.telemetry.DriftHistory;
import io.swagger.v3.oas.annotations.tags.Tag;
import org.springframework.http.ResponseEntity;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.PathVariable;
import org.springframework.web.bind.annotation.PostMapping;
import org.springframework.web.bind.annotation.RequestBody;
import org.springframework.web.bind.annotation.RequestMapping;
import org.springframework.web.bind.annotation.RestController;

/// Read-only inspection of a layer's computation.
@RestController
@RequestMapping("/api/v1/layers/{name}")
@Tag(name = "Diagnostics")
final class InsightController {
    private final Layers layers;
    private final Insights insights;
    private final DriftHistory history;

    InsightController(Layers layers, Insights insights, DriftHistory history) {
        this.layers = layers;
        this.insights = insights;
        this.history = history;
    }

    @GetMapping("/health")
    @RequiredScope(INFER)
    @ResponseHeaders({"ETag", "Layer-Version"})
    ResponseEntity<HealthAnswer> health(@PathVariable LayerName name) {
        Layer layer = layers.get(name);
        return LayerResponses.ok(layer).body(HealthAnswer.of(layer, history.of(layer)));
    }

    @PostMapping("/explain")
    @RequiredScope(TRAIN)
    @ResponseHeaders({"ETag", "Layer-Version"})
    @Fails(
            like = BATCH,
            with = {BATCH_TOO_LARGE, INVALID_CONFIG})
    ResponseEntity<ExplanationAnswer> explain(
            @PathVariable LayerName name, @RequestBody ExplainRequest request) {
        Layer layer = layers.get(name);
        var steps = insights.explain(layer, request.input(), request.gradOutput(), request.mode());
        return LayerResponses.ok(layer).body(ExplanationAnswer.of(steps));
    }

    @PostMapping("/gradient-check")
    @RequiredScope(TRAIN)
    @ResponseHeaders({"ETag", "Layer-Version"})
    @Fails(
            like = BATCH,
            with = {BATCH_TOO_LARGE, INVALID_CONFIG})
    ResponseEntity<GradientCheckAnswer> gradientCheck(
            @PathVariable LayerName name, @RequestBody GradientCheckRequest request) {
        Layer layer = layers.get(name);
        var check =
                insights.checkGradients(
                        layer, request.input(), request.gradOutput(), request.mode());
        return LayerResponses.ok(layer).body(GradientCheckAnswer.of(check));
    }
}
