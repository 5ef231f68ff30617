package batchnorm.web.controller;

import static batchnorm.access.Scope.TRAIN;
import static batchnorm.web.problem.ProblemGroup.CHANGE;
import static batchnorm.web.problem.ProblemGroup.KNOBS;
import static batchnorm.web.problem.ProblemGroup.WRITE;
import static batchnorm.web.problem.ProblemType.IDEMPOTENCY_KEY_REUSED;
import static batchnorm.web.problem.ProblemType.NON_FINITE_RESULT;
import static batchnorm.web.problem.ProblemType.SHAPE_MISMATCH;

import batchnorm.access.RequiredScope;
import batchnorm.layer.LayerName;
import batchnorm.layer.ParameterUpdates;
import batchnorm.layer.Precondition;
import batchnorm.layer.Updated;
import batchnorm.web.api.ApplyGradientsRequest;
import batchnorm.web.api.Idempotency;
import batchnorm.web.api.ParametersAnswer;
import batchnorm.web.openapi.ResponseHeaders;
import batchnorm.web.problem.Fails;
import io.swagger.v3.oas.annotations.tags.Tag;
import org.springframework.http.ResponseEntity;
import org.springframework.web.bind.annotation.PathVariable;
import org.springframework.web.bind.annotation.PostMapping;
import org.springframework.web.bind.annotation.RequestBody;
import org.springframework.web.bind.annotation.RestController;

/// Optimizer steps of gamma and beta, for clients that do not store parameters.
@RestController
@Tag(name = "Forward and backward")
final class OptimizerController {
    private final ParameterUpdates updates;
    private final LayerResponses responses;

    OptimizerController(ParameterUpdates updates, LayerResponses responses) {
        this.updates = updates;
        this.responses = responses;
    }

    @PostMapping("/api/v1/layers/{name}/apply-gradients")
    @RequiredScope(TRAIN)
    @ResponseHeaders({"ETag", "Layer-Version"})
    @Fails(
            like = {CHANGE, KNOBS, WRITE},
            with = {IDEMPOTENCY_KEY_REUSED, SHAPE_MISMATCH, NON_FINITE_RESULT})
    ResponseEntity<ParametersAnswer> applyGradients(
            @PathVariable LayerName name,
            @RequestBody ApplyGradientsRequest request,
            Precondition ifMatch,
            Idempotency idempotency) {
        Updated updated = updates.apply(name, request.update(ifMatch, idempotency));
        return responses
                .step(updated.tag(), updated.version(), updated.replayed())
                .body(ParametersAnswer.of(updated));
    }
}
