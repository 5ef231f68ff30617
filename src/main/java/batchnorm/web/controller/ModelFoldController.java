package batchnorm.web.controller;

import static batchnorm.access.Scope.INFER;

import batchnorm.access.RequiredScope;
import batchnorm.checkpoint.fold.FoldedModel;
import batchnorm.web.api.FoldModelQuery;
import batchnorm.web.binding.ModelBody;
import batchnorm.web.binding.Query;
import batchnorm.web.openapi.ResponseHeaders;
import io.swagger.v3.oas.annotations.tags.Tag;
import java.io.IOException;
import org.springframework.http.ResponseEntity;
import org.springframework.web.bind.annotation.PostMapping;
import org.springframework.web.bind.annotation.RequestBody;
import org.springframework.web.bind.annotation.RequestMapping;
import org.springframework.web.bind.annotation.RestController;

/// Folding of whole model files. Stores nothing.
@RestController
@RequestMapping("/api/v1")
@Tag(name = "Fold into weights")
final class ModelFoldController {
    private static final String FOLDED = "Folded-Layers";
    private static final String LEFT = "Left-Layers";

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
}
