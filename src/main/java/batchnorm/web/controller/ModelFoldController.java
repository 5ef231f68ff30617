package batchnorm.web.controller;

import static batchnorm.access.Scope.INFER;
import static batchnorm.web.problem.ProblemType.INVALID_CONFIG;
import static batchnorm.web.problem.ProblemType.NON_FINITE_RESULT;
import static batchnorm.web.problem.ProblemType.NOT_EXACT;
import static batchnorm.web.problem.ProblemType.SHAPE_MISMATCH;

import batchnorm.access.RequiredScope;
import batchnorm.admission.ThrottledRequest;
import batchnorm.checkpoint.fold.FoldedModel;
import batchnorm.diagnosis.BatchNorm;
import batchnorm.diagnosis.FoldVerification;
import batchnorm.layer.Layer;
import batchnorm.layer.LayerStore;
import batchnorm.layer.Layers;
import batchnorm.normalization.Affine;
import batchnorm.normalization.LinearMap;
import batchnorm.normalization.Parameters;
import batchnorm.normalization.RunningStatistics;
import batchnorm.web.api.FoldModelQuery;
import batchnorm.web.api.VerifyFoldAnswer;
import batchnorm.web.api.VerifyFoldRequest;
import batchnorm.web.binding.ModelBody;
import batchnorm.web.binding.Query;
import batchnorm.web.openapi.ResponseHeaders;
import batchnorm.web.problem.Fails;
import batchnorm.web.problem.ProblemGroup;
import io.swagger.v3.oas.annotations.tags.Tag;
import java.io.IOException;
import java.util.Objects;
import org.springframework.http.ResponseEntity;
import org.springframework.web.bind.annotation.PostMapping;
import org.springframework.web.bind.annotation.RequestBody;
import org.springframework.web.bind.annotation.RequestMapping;
import org.springframework.web.bind.annotation.RestController;

/// Folding of whole model files, and verification of folds. Stores nothing.
@RestController
@RequestMapping("/api/v1")
@Tag(name = "Fold into weights")
final class ModelFoldController {
    private static final String FOLDED = "Folded-Layers";
    private static final String LEFT = "Left-Layers";
    private final Layers layers;

    ModelFoldController(Layers layers) {
        this.layers = layers;
    }

    @PostMapping("/models/fold")
    @RequiredScope(INFER)
    @ResponseHeaders({FOLDED, LEFT})
    ResponseEntity<FoldedModel> foldModel(@Query FoldModelQuery query, @RequestBody ModelBody body)
            throws IOException {
        FoldedModel model = body.fold(query.options());
        return ResponseEntity.ok()
                .header(FOLDED, Integer.toString(model.report().folded().size()))
                .header(LEFT, Integer.toString(model.report().left().size()))
                .body(model);
    }

    @PostMapping("/fold/verify")
    @RequiredScope(INFER)
    @Fails(
            like = ProblemGroup.LAYER,
            with = {SHAPE_MISMATCH, NOT_EXACT, INVALID_CONFIG, NON_FINITE_RESULT})
    ResponseEntity<VerifyFoldAnswer> verifyFold(@RequestBody VerifyFoldRequest request) {
        LinearMap map = request.map();
        ThrottledRequest.reserve(2L * Double.BYTES * map.weights());
        FoldVerification verification =
                FoldVerification.of(
                        numbers(request),
                        request.position(),
                        map,
                        request.foldedWeight(),
                        request.foldedBias());
        return ResponseEntity.ok(VerifyFoldAnswer.of(verification));
    }

    private BatchNorm numbers(VerifyFoldRequest request) {
        if (request.layer() == null) {
            return request.numbers();
        }
        Layer layer = layers.get(request.layer());
        ThrottledRequest.reserve(LayerStore.vectorBytes(layer.features()) / 2);
        Affine _ = layer.affine(); // rejects a layer without running statistics
        Parameters parameters = Objects.requireNonNull(layer.parameters());
        RunningStatistics running = Objects.requireNonNull(layer.running());
        return new BatchNorm(
                parameters.gamma(),
                parameters.beta(),
                running.mean(),
                running.variance(),
                layer.config().epsilon());
    }
}
