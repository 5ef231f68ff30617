package batchnorm.web.controller;

import static batchnorm.access.Scope.INFER;
import static batchnorm.web.problem.ProblemType.INVALID_CONFIG;
import static batchnorm.web.problem.ProblemType.NON_FINITE_VALUE;
import static batchnorm.web.problem.ProblemType.SHAPE_INVALID;
import static batchnorm.web.problem.ProblemType.SHAPE_MISMATCH;

import batchnorm.access.RequiredScope;
import batchnorm.diagnosis.Diagnosis;
import batchnorm.web.api.DiagnoseRequest;
import batchnorm.web.api.DiagnosisAnswer;
import batchnorm.web.problem.Fails;
import io.swagger.v3.oas.annotations.tags.Tag;
import org.springframework.http.ResponseEntity;
import org.springframework.web.bind.annotation.PostMapping;
import org.springframework.web.bind.annotation.RequestBody;
import org.springframework.web.bind.annotation.RequestMapping;
import org.springframework.web.bind.annotation.RestController;

/// Which convention, or which mistake, explains the numbers of an implementation. Stores nothing.
@RestController
@RequestMapping("/api/v1")
@Tag(name = "Diagnostics")
final class DiagnosisController {

    @PostMapping("/diagnose")
    @RequiredScope(INFER)
    @Fails(with = {SHAPE_MISMATCH, SHAPE_INVALID, NON_FINITE_VALUE, INVALID_CONFIG})
    ResponseEntity<DiagnosisAnswer> diagnose(@RequestBody DiagnoseRequest request) {
        return ResponseEntity.ok(DiagnosisAnswer.of(Diagnosis.of(request.evidence())));
    }
}
