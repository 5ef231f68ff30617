package batchnorm.web.controller;

import static batchnorm.access.Scope.INFER;
import static batchnorm.access.Scope.TRAIN;
import static batchnorm.web.problem.ProblemGroup.BATCH;
import static batchnorm.web.problem.ProblemGroup.WRITE;
import static batchnorm.web.problem.ProblemType.CONTEXT_BUDGET;
import static batchnorm.web.problem.ProblemType.CONTEXT_ELSEWHERE;
import static batchnorm.web.problem.ProblemType.CONTEXT_GONE;
import static batchnorm.web.problem.ProblemType.CONTEXT_UNKNOWN;
import static batchnorm.web.problem.ProblemType.IDEMPOTENCY_KEY_IN_PROGRESS;
import static batchnorm.web.problem.ProblemType.IDEMPOTENCY_KEY_REUSED;
import static batchnorm.web.problem.ProblemType.INVALID_CONFIG;
import static batchnorm.web.problem.ProblemType.VERSION_MISMATCH;

import batchnorm.access.AuthorizationInterceptor;
import batchnorm.access.RequiredScope;
import batchnorm.layer.Inferred;
import batchnorm.layer.LayerName;
import batchnorm.layer.Passes;
import batchnorm.layer.Precondition;
import batchnorm.layer.TrainResult;
import batchnorm.normalization.Gradients;
import batchnorm.web.api.BackwardRequest;
import batchnorm.web.api.ForwardInferAnswer;
import batchnorm.web.api.ForwardInferRequest;
import batchnorm.web.api.ForwardTrainAnswer;
import batchnorm.web.api.ForwardTrainRequest;
import batchnorm.web.api.GradientsAnswer;
import batchnorm.web.api.Idempotency;
import batchnorm.web.binding.SpentTensors;
import batchnorm.web.openapi.ResponseHeaders;
import batchnorm.web.problem.Fails;
import batchnorm.web.telemetry.LayerDrift;
import batchnorm.web.telemetry.ServerTiming;
import io.swagger.v3.oas.annotations.tags.Tag;
import jakarta.servlet.http.HttpServletRequest;
import java.util.List;
import org.springframework.http.ResponseEntity;
import org.springframework.http.ResponseEntity.BodyBuilder;
import org.springframework.web.bind.annotation.PathVariable;
import org.springframework.web.bind.annotation.PostMapping;
import org.springframework.web.bind.annotation.RequestBody;
import org.springframework.web.bind.annotation.RequestMapping;
import org.springframework.web.bind.annotation.RestController;

/// Forward and backward passes.
@RestController
@RequestMapping("/api/v1/layers/{name}")
@Tag(name = "Forward and backward")
final class PassController {
    private static final String CONTEXT_ID = "Context-Id";
    private final Passes passes;
    private final LayerDrift drift;
    private final LayerResponses responses;
    private final AuthorizationInterceptor authorization;

    PassController(
            Passes passes,
            LayerDrift drift,
            LayerResponses responses,
            AuthorizationInterceptor authorization) {
        this.passes = passes;
        this.drift = drift;
        this.responses = responses;
        this.authorization = authorization;
    }

    @PostMapping("/forward-train")
    @RequiredScope(TRAIN)
    @ResponseHeaders({"ETag", "Layer-Version", CONTEXT_ID})
    @Fails(
            like = {BATCH, WRITE},
            with = {
                IDEMPOTENCY_KEY_IN_PROGRESS,
                IDEMPOTENCY_KEY_REUSED,
                VERSION_MISMATCH,
                CONTEXT_BUDGET
            })
    ResponseEntity<ForwardTrainAnswer> forwardTrain(
            @PathVariable LayerName name,
            @RequestBody ForwardTrainRequest request,
            Precondition ifMatch,
            Idempotency idempotency,
            ServerTiming timing,
            SpentTensors spent) {
        TrainResult trained =
                passes.forwardTrain(name, request.input(), request.step(ifMatch, idempotency));
        if (request.commit()) {
            drift.observe(name, trained);
        }
        timing.committed(trained.commitNanos());
        spent.add(trained.spent(request.input()));
        BodyBuilder response = responses.step(trained.tag(), trained.version(), trained.replayed());
        if (trained.contextId() != null) {
            response.header(CONTEXT_ID, trained.contextId());
        }
        return response.body(ForwardTrainAnswer.of(trained, request.returnStatistics()));
    }

    /// Saving a context requires the scope of the backward that uses it. Otherwise unusable
    /// contexts could exhaust the memory of training.
    @PostMapping("/forward-infer")
    @RequiredScope(INFER)
    @ResponseHeaders({"ETag", "Layer-Version", CONTEXT_ID})
    @Fails(
            like = BATCH,
            with = {INVALID_CONFIG, CONTEXT_BUDGET})
    ResponseEntity<ForwardInferAnswer> forwardInfer(
            @PathVariable LayerName name,
            @RequestBody ForwardInferRequest request,
            SpentTensors spent,
            HttpServletRequest http) {
        if (request.saveContext()) {
            authorization.require(http, TRAIN);
        }
        Inferred inferred =
                passes.forwardInfer(
                        name, request.input(), request.saveContext(), request.statisticsBlend());
        spent.add(inferred.spent(request.input()));
        BodyBuilder response = LayerResponses.ok(inferred.layer());
        if (inferred.contextId() != null) {
            response.header(CONTEXT_ID, inferred.contextId());
        }
        return response.body(ForwardInferAnswer.of(inferred));
    }

    @PostMapping("/backward")
    @RequiredScope(TRAIN)
    @Fails(
            like = BATCH,
            with = {CONTEXT_UNKNOWN, CONTEXT_ELSEWHERE, CONTEXT_GONE, INVALID_CONFIG})
    ResponseEntity<GradientsAnswer> backward(
            @PathVariable LayerName name,
            @RequestBody BackwardRequest request,
            SpentTensors spent) {
        String contextId = request.onlyContext();
        Gradients gradients =
                contextId == null
                        ? passes.backward(name, request.forward(), request.gradOutput())
                        : passes.backward(name, contextId, request.gradOutput());
        spent.add(List.of(gradients.input(), request.gradOutput()));
        return ResponseEntity.ok(GradientsAnswer.of(gradients));
    }
}
