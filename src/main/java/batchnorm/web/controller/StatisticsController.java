package batchnorm.web.controller;

import static batchnorm.access.Scope.INFER;
import static batchnorm.access.Scope.TRAIN;
import static batchnorm.web.problem.ProblemGroup.CHANGE;
import static batchnorm.web.problem.ProblemGroup.KNOBS;
import static batchnorm.web.problem.ProblemGroup.WRITE;
import static batchnorm.web.problem.ProblemType.INVALID_MOMENTS;
import static batchnorm.web.problem.ProblemType.NON_FINITE_RESULT;
import static batchnorm.web.problem.ProblemType.SHAPE_MISMATCH;

import batchnorm.access.RequiredScope;
import batchnorm.layer.Layer;
import batchnorm.layer.LayerName;
import batchnorm.layer.Layers;
import batchnorm.layer.Precondition;
import batchnorm.web.api.LayerAnswer;
import batchnorm.web.api.MergeAnswer;
import batchnorm.web.api.MergeRequest;
import batchnorm.web.api.StatisticsRequest;
import batchnorm.web.openapi.ResponseHeaders;
import batchnorm.web.problem.Fails;
import io.swagger.v3.oas.annotations.tags.Tag;
import java.util.Objects;
import org.springframework.http.ResponseEntity;
import org.springframework.web.bind.annotation.PathVariable;
import org.springframework.web.bind.annotation.PostMapping;
import org.springframework.web.bind.annotation.RequestBody;
import org.springframework.web.bind.annotation.RequestMapping;
import org.springframework.web.bind.annotation.RestController;

/// Externally computed statistics.
@RestController
@RequestMapping("/api/v1")
@Tag(name = "Distributed batches")
final class StatisticsController {
    private final Layers layers;

    StatisticsController(Layers layers) {
        this.layers = layers;
    }

    @PostMapping("/statistics/merge")
    @RequiredScope(INFER)
    @Fails(with = {SHAPE_MISMATCH, INVALID_MOMENTS, NON_FINITE_RESULT})
    ResponseEntity<MergeAnswer> mergeStatistics(@RequestBody MergeRequest request) {
        return ResponseEntity.ok(MergeAnswer.of(request.merged()));
    }

    @PostMapping("/layers/{name}/statistics")
    @RequiredScope(TRAIN)
    @ResponseHeaders({"ETag", "Layer-Version"})
    @Fails(
            like = {CHANGE, KNOBS, WRITE},
            with = {SHAPE_MISMATCH, INVALID_MOMENTS, NON_FINITE_RESULT})
    ResponseEntity<LayerAnswer> installStatistics(
            @PathVariable LayerName name,
            @RequestBody StatisticsRequest request,
            Precondition ifMatch) {
        Layer layer =
                switch (request.mode()) {
                    case INSTALL ->
                            layers.install(
                                    name,
                                    ifMatch,
                                    request.population(),
                                    Objects.requireNonNullElse(request.numBatchesTracked(), 1L));
                    case MERGE ->
                            layers.merge(
                                    name,
                                    ifMatch,
                                    request.population(),
                                    Objects.requireNonNull(request.runningCount()));
                };
        return LayerResponses.of(layer);
    }
}
