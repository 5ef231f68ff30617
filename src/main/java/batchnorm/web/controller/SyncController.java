package batchnorm.web.controller;

import static batchnorm.access.Scope.TRAIN;
import static batchnorm.web.problem.ProblemGroup.BATCH;
import static batchnorm.web.problem.ProblemGroup.COLLECTIVE;
import static batchnorm.web.problem.ProblemGroup.LAYER;
import static batchnorm.web.problem.ProblemGroup.WRITE;
import static batchnorm.web.problem.ProblemType.COLLECTIVE_LIMIT;
import static batchnorm.web.problem.ProblemType.CONTEXT_BUDGET;
import static batchnorm.web.problem.ProblemType.CONTEXT_GONE;
import static batchnorm.web.problem.ProblemType.IDEMPOTENCY_KEY_REUSED;
import static batchnorm.web.problem.ProblemType.INVALID_CONFIG;
import static batchnorm.web.problem.ProblemType.INVALID_MOMENTS;
import static batchnorm.web.problem.ProblemType.SYNC_TIMEOUT;

import batchnorm.access.RequiredScope;
import batchnorm.admission.ThrottledRequest;
import batchnorm.collective.SyncGradients;
import batchnorm.collective.SyncGroup;
import batchnorm.collective.SyncGroups;
import batchnorm.collective.SyncPart;
import batchnorm.collective.SyncTrained;
import batchnorm.layer.LayerName;
import batchnorm.web.api.OpenSyncGroupRequest;
import batchnorm.web.api.RequestFingerprint;
import batchnorm.web.api.SyncBackwardRequest;
import batchnorm.web.api.SyncForwardTrainAnswer;
import batchnorm.web.api.SyncForwardTrainRequest;
import batchnorm.web.api.SyncGradientsAnswer;
import batchnorm.web.api.SyncGroupAnswer;
import batchnorm.web.openapi.ResponseHeaders;
import batchnorm.web.problem.Fails;
import batchnorm.web.telemetry.ServerTiming;
import io.swagger.v3.oas.annotations.tags.Tag;
import java.net.URI;
import org.springframework.http.HttpStatus;
import org.springframework.http.ResponseEntity;
import org.springframework.web.bind.annotation.PathVariable;
import org.springframework.web.bind.annotation.PostMapping;
import org.springframework.web.bind.annotation.RequestBody;
import org.springframework.web.bind.annotation.RequestMapping;
import org.springframework.web.bind.annotation.ResponseStatus;
import org.springframework.web.bind.annotation.RestController;

/// Synchronized training of one layer by several workers.
@RestController
@RequestMapping("/api/v1")
@Tag(name = "Distributed batches")
final class SyncController {
    private final SyncGroups groups;
    private final LayerResponses responses;

    SyncController(SyncGroups groups, LayerResponses responses) {
        this.groups = groups;
        this.responses = responses;
    }

    @PostMapping("/layers/{name}/sync-groups")
    @RequiredScope(TRAIN)
    @ResponseStatus(HttpStatus.CREATED)
    @Fails(with = COLLECTIVE_LIMIT)
    ResponseEntity<SyncGroupAnswer> openSyncGroup(
            @PathVariable LayerName name, @RequestBody OpenSyncGroupRequest request) {
        SyncGroup group = groups.open(name, request.size(), request.timeout());
        return ResponseEntity.created(URI.create("/api/v1/sync-groups/" + group.id()))
                .body(SyncGroupAnswer.of(group));
    }

    @PostMapping("/sync-groups/{group_id}/forward-train")
    @RequiredScope(TRAIN)
    @ResponseHeaders({"ETag", "Layer-Version"})
    @Fails(
            like = {LAYER, BATCH, COLLECTIVE, WRITE},
            with = {
                SYNC_TIMEOUT,
                INVALID_CONFIG,
                INVALID_MOMENTS,
                CONTEXT_BUDGET,
                IDEMPOTENCY_KEY_REUSED
            })
    ResponseEntity<SyncForwardTrainAnswer> syncForwardTrain(
            @PathVariable("group_id") String groupId,
            @RequestBody SyncForwardTrainRequest request,
            RequestFingerprint fingerprint,
            ServerTiming timing) {
        SyncPart part = request.member().part(fingerprint);
        ThrottledRequest.waitForOthers();
        SyncTrained trained = forwardTrain(groupId, part, request);
        timing.committed(trained.commitNanos());
        return responses
                .step(trained.tag(), trained.step().version(), trained.replayed())
                .body(SyncForwardTrainAnswer.of(trained, request));
    }

    private SyncTrained forwardTrain(
            String groupId, SyncPart part, SyncForwardTrainRequest request) {
        if (request.input() == null) {
            return groups.forwardTrain(groupId, part, request.moments().moments());
        }
        request.moments().requireNone();
        return groups.forwardTrain(groupId, part, request.input(), request.saveContext());
    }

    @PostMapping("/sync-groups/{group_id}/backward")
    @RequiredScope(TRAIN)
    @Fails(
            like = {BATCH, COLLECTIVE},
            with = {SYNC_TIMEOUT, CONTEXT_GONE, CONTEXT_BUDGET})
    ResponseEntity<SyncGradientsAnswer> syncBackward(
            @PathVariable("group_id") String groupId,
            @RequestBody SyncBackwardRequest request,
            RequestFingerprint fingerprint) {
        SyncPart part = request.member().part(fingerprint);
        ThrottledRequest.waitForOthers();
        return ResponseEntity.ok(SyncGradientsAnswer.of(backward(groupId, part, request)));
    }

    private SyncGradients backward(String groupId, SyncPart part, SyncBackwardRequest request) {
        if (request.gradOutput() == null) {
            return groups.backward(
                    groupId, part, request.requireSumDy(), request.requireSumDyXmu());
        }
        request.requireNoSums();
        return groups.backward(groupId, part, request.gradOutput());
    }
}
