package batchnorm.web.controller;

import static batchnorm.access.Scope.TRAIN;
import static batchnorm.web.problem.ProblemGroup.CHANGE;
import static batchnorm.web.problem.ProblemGroup.KNOBS;
import static batchnorm.web.problem.ProblemGroup.WRITE;
import static batchnorm.web.problem.ProblemType.IDEMPOTENCY_KEY_REUSED;
import static batchnorm.web.problem.ProblemType.NON_FINITE_RESULT;
import static batchnorm.web.problem.ProblemType.SHAPE_MISMATCH;

import batchnorm.access.RequiredScope;
import batchnorm.layer.Aggregated;
import batchnorm.layer.Aggregations;
import batchnorm.layer.Layer;
import batchnorm.layer.LayerName;
import batchnorm.layer.Precondition;
import batchnorm.web.api.AggregateLayerRequest;
import batchnorm.web.api.Idempotency;
import batchnorm.web.api.LayerAnswer;
import batchnorm.web.openapi.ResponseHeaders;
import batchnorm.web.problem.Fails;
import io.swagger.v3.oas.annotations.tags.Tag;
import org.springframework.http.ResponseEntity;
import org.springframework.web.bind.annotation.PathVariable;
import org.springframework.web.bind.annotation.PostMapping;
import org.springframework.web.bind.annotation.RequestBody;
import org.springframework.web.bind.annotation.RestController;

/// Aggregation of several copies of a layer.
@RestController
@Tag(name = "Distributed batches")
final class AggregationController {
    private final Aggregations aggregations;
    private final LayerResponses responses;

    AggregationController(Aggregations aggregations, LayerResponses responses) {
        this.aggregations = aggregations;
        this.responses = responses;
    }

    @PostMapping("/api/v1/layers/{name}/aggregate")
    @RequiredScope(TRAIN)
    @ResponseHeaders({"ETag", "Layer-Version"})
    @Fails(
            like = {CHANGE, KNOBS, WRITE},
            with = {IDEMPOTENCY_KEY_REUSED, SHAPE_MISMATCH, NON_FINITE_RESULT})
    ResponseEntity<LayerAnswer> aggregateLayers(
            @PathVariable LayerName name,
            @RequestBody AggregateLayerRequest request,
            Precondition ifMatch,
            Idempotency idempotency) {
        Aggregated aggregated = aggregations.apply(name, request.aggregation(ifMatch, idempotency));
        Layer layer = aggregated.layer();
        return responses
                .step(layer.tag(), layer.version(), aggregated.replayed())
                .body(LayerAnswer.of(layer));
    }
}
