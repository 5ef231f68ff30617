package batchnorm.web.controller;

import static batchnorm.access.Scope.INFER;

import batchnorm.access.RequiredScope;
import batchnorm.web.api.ConventionsAnswer;
import io.swagger.v3.oas.annotations.tags.Tag;
import org.springframework.http.ResponseEntity;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.RestController;

/// The defaults of each framework.
@RestController
@Tag(name = "Conventions")
final class ConventionController {

    @GetMapping("/api/v1/conventions")
    @RequiredScope(INFER)
    ResponseEntity<ConventionsAnswer> listConventions() {
        return ResponseEntity.ok(ConventionsAnswer.all());
    }
}
