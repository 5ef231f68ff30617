package batchnorm.web.controller;

import static batchnorm.access.Scope.INFER;
import static batchnorm.web.problem.ProblemType.INVALID_CONFIG;

import batchnorm.access.RequiredScope;
import batchnorm.web.api.ConventionsAnswer;
import batchnorm.web.api.VectorsAnswer;
import batchnorm.web.api.VectorsQuery;
import batchnorm.web.binding.Query;
import batchnorm.web.problem.Fails;
import io.swagger.v3.oas.annotations.tags.Tag;
import org.springframework.http.ResponseEntity;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.RestController;

/// The defaults of each framework, and golden vectors for them.
@RestController
@Tag(name = "Conventions")
final class ConventionController {

    @GetMapping("/api/v1/conventions")
    @RequiredScope(INFER)
    ResponseEntity<ConventionsAnswer> listConventions() {
        return ResponseEntity.ok(ConventionsAnswer.all());
    }

    @GetMapping("/api/v1/vectors")
    @RequiredScope(INFER)
    @Fails(with = INVALID_CONFIG)
    ResponseEntity<VectorsAnswer> getVectors(@Query VectorsQuery query) {
        return ResponseEntity.ok(VectorsAnswer.of(query.vectors()));
    }
}
