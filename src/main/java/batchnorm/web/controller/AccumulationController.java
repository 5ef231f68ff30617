package batchnorm.web.controller;

import static batchnorm.access.Scope.TRAIN;
import static batchnorm.web.problem.ProblemGroup.BATCH;
import static batchnorm.web.problem.ProblemGroup.CHANGE;
import static batchnorm.web.problem.ProblemGroup.COLLECTIVE;
import static batchnorm.web.problem.ProblemGroup.KNOBS;
import static batchnorm.web.problem.ProblemGroup.LAYER;
import static batchnorm.web.problem.ProblemGroup.WRITE;
import static batchnorm.web.problem.ProblemType.COLLECTIVE_LIMIT;
import static batchnorm.web.problem.ProblemType.CONTEXT_BUDGET;
import static batchnorm.web.problem.ProblemType.IDEMPOTENCY_KEY_REUSED;
import static batchnorm.web.problem.ProblemType.INVALID_MOMENTS;

import batchnorm.access.RequiredScope;
import batchnorm.collective.Accumulation;
import batchnorm.collective.Accumulations;
import batchnorm.collective.Finished;
import batchnorm.layer.LayerName;
import batchnorm.layer.Precondition;
import batchnorm.web.api.AccumulatedAnswer;
import batchnorm.web.api.AccumulationAnswer;
import batchnorm.web.api.ChunkRequest;
import batchnorm.web.api.FinishAnswer;
import batchnorm.web.api.FinishRequest;
import batchnorm.web.api.RequestFingerprint;
import batchnorm.web.openapi.ResponseHeaders;
import batchnorm.web.problem.Fails;
import io.swagger.v3.oas.annotations.tags.Tag;
import java.net.URI;
import org.springframework.http.HttpStatus;
import org.springframework.http.ResponseEntity;
import org.springframework.web.bind.annotation.DeleteMapping;
import org.springframework.web.bind.annotation.PathVariable;
import org.springframework.web.bind.annotation.PostMapping;
import org.springframework.web.bind.annotation.RequestBody;
import org.springframework.web.bind.annotation.RequestMapping;
import org.springframework.web.bind.annotation.ResponseStatus;
import org.springframework.web.bind.annotation.RestController;

/// Batches that exceed one request.
@RestController
@RequestMapping("/api/v1")
@Tag(name = "Distributed batches")
final class AccumulationController {
    private final Accumulations accumulations;

    AccumulationController(Accumulations accumulations) {
        this.accumulations = accumulations;
    }

    @PostMapping("/layers/{name}/accumulations")
    @RequiredScope(TRAIN)
    @ResponseStatus(HttpStatus.CREATED)
    @Fails(with = COLLECTIVE_LIMIT)
    ResponseEntity<AccumulationAnswer> openAccumulation(@PathVariable LayerName name) {
        Accumulation accumulation = accumulations.open(name);
        return ResponseEntity.created(URI.create("/api/v1/accumulations/" + accumulation.id()))
                .body(AccumulationAnswer.of(accumulation));
    }

    @PostMapping("/accumulations/{accumulation_id}/add")
    @RequiredScope(TRAIN)
    @Fails(
            like = {LAYER, BATCH, COLLECTIVE},
            with = {INVALID_MOMENTS, CONTEXT_BUDGET})
    ResponseEntity<AccumulatedAnswer> addToAccumulation(
            @PathVariable("accumulation_id") String id,
            @RequestBody ChunkRequest request,
            RequestFingerprint fingerprint) {
        return ResponseEntity.ok(AccumulatedAnswer.of(add(id, request, fingerprint.value())));
    }

    private Accumulation.Progress add(String id, ChunkRequest request, String fingerprint) {
        if (request.input() == null) {
            return accumulations.add(id, request.chunk(), fingerprint, request.moments().moments());
        }
        request.moments().requireNone();
        return accumulations.add(id, request.chunk(), fingerprint, request.input());
    }

    @PostMapping("/accumulations/{accumulation_id}/finish")
    @RequiredScope(TRAIN)
    @ResponseHeaders({"ETag", "Layer-Version"})
    @Fails(
            like = {LAYER, CHANGE, BATCH, COLLECTIVE, KNOBS, WRITE},
            with = {INVALID_MOMENTS, IDEMPOTENCY_KEY_REUSED})
    ResponseEntity<FinishAnswer> finishAccumulation(
            @PathVariable("accumulation_id") String id,
            @RequestBody FinishRequest request,
            Precondition ifMatch) {
        Finished finished = accumulations.finish(id, request.apply(), request.policy(), ifMatch);
        return LayerResponses.ok(finished.tag(), finished.version())
                .body(FinishAnswer.of(finished));
    }

    @DeleteMapping("/accumulations/{accumulation_id}")
    @RequiredScope(TRAIN)
    @Fails(like = COLLECTIVE)
    ResponseEntity<Void> abandonAccumulation(@PathVariable("accumulation_id") String id) {
        accumulations.abandon(id);
        return ResponseEntity.noContent().build();
    }
}
