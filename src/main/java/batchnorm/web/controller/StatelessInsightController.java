package batchnorm.web.controller;

import static batchnorm.access.Scope.INFER;
import static batchnorm.web.problem.ProblemGroup.BATCH;
import static batchnorm.web.problem.ProblemGroup.KNOBS;
import static batchnorm.web.problem.ProblemType.BATCH_TOO_LARGE;

import batchnorm.access.RequiredScope;
import batchnorm.layer.Insights;
import batchnorm.web.api.CheckGradientsRequest;
import batchnorm.web.api.ExplainBatchRequest;
import batchnorm.web.api.ExplanationAnswer;
import batchnorm.web.api.GradientCheckAnswer;
import batchnorm.web.problem.Fails;
import io.swagger.v3.oas.annotations.tags.Tag;
import org.springframework.http.ResponseEntity;
import org.springframework.web.bind.annotation.PostMapping;
import org.springframework.web.bind.annotation.RequestBody;
import org.springframework.web.bind.annotation.RequestMapping;
import org.springframework.web.bind.annotation.RestController;

/// The numbers within a layer that the request defines. Stores nothing.
@RestController
@RequestMapping("/api/v1")
@Tag(name = "Diagnostics")
final class StatelessInsightController {
    private final Insights insights;

    StatelessInsightController(Insights insights) {
        this.insights = insights;
    }

    @PostMapping("/explain")
    @RequiredScope(INFER)
    @Fails(
            like = {BATCH, KNOBS},
            with = BATCH_TOO_LARGE)
    ResponseEntity<ExplanationAnswer> explainBatch(@RequestBody ExplainBatchRequest request) {
        var steps =
                insights.explain(
                        request.definition().layer(),
                        request.input(),
                        request.gradOutput(),
                        request.mode());
        return ResponseEntity.ok(ExplanationAnswer.of(steps));
    }

    @PostMapping("/gradient-check")
    @RequiredScope(INFER)
    @Fails(
            like = {BATCH, KNOBS},
            with = BATCH_TOO_LARGE)
    ResponseEntity<GradientCheckAnswer> checkGradients(@RequestBody CheckGradientsRequest request) {
        var check =
                insights.checkGradients(
                        request.definition().layer(),
                        request.input(),
                        request.gradOutput(),
                        request.mode());
        return ResponseEntity.ok(GradientCheckAnswer.of(check));
    }
}
