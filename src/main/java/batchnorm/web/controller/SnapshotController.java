package batchnorm.web.controller;

import static batchnorm.access.Scope.ADMIN;
import static batchnorm.access.Scope.INFER;
import static batchnorm.access.Scope.TRAIN;
import static batchnorm.web.problem.ProblemGroup.WRITE;
import static batchnorm.web.problem.ProblemType.SNAPSHOT_LIMIT;
import static batchnorm.web.problem.ProblemType.SNAPSHOT_NOT_FOUND;
import static batchnorm.web.problem.ProblemType.VERSION_MISMATCH;

import batchnorm.access.AuditEvent;
import batchnorm.access.AuditLog;
import batchnorm.access.RequiredScope;
import batchnorm.codec.InvalidField;
import batchnorm.layer.LayerName;
import batchnorm.layer.Precondition;
import batchnorm.layer.SnapshotSummary;
import batchnorm.layer.Snapshots;
import batchnorm.web.api.ComparisonAnswer;
import batchnorm.web.api.LayerAnswer;
import batchnorm.web.api.SnapshotAnswer;
import batchnorm.web.api.SnapshotEntry;
import batchnorm.web.api.SnapshotList;
import batchnorm.web.api.TakeSnapshotRequest;
import batchnorm.web.openapi.ResponseHeaders;
import batchnorm.web.problem.Fails;
import io.swagger.v3.oas.annotations.tags.Tag;
import java.net.URI;
import org.jspecify.annotations.Nullable;
import org.springframework.http.HttpStatus;
import org.springframework.http.ResponseEntity;
import org.springframework.web.bind.annotation.DeleteMapping;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.PathVariable;
import org.springframework.web.bind.annotation.PostMapping;
import org.springframework.web.bind.annotation.RequestBody;
import org.springframework.web.bind.annotation.RequestMapping;
import org.springframework.web.bind.annotation.RequestParam;
import org.springframework.web.bind.annotation.ResponseStatus;
import org.springframework.web.bind.annotation.RestController;

/// Saved versions of layers.
@RestController
@RequestMapping("/api/v1/layers/{name}/snapshots")
@Tag(name = "Snapshots")
final class SnapshotController {
    /// Denotes the current layer in place of a snapshot's id.
    private static final String CURRENT = "current";

    private final Snapshots snapshots;
    private final AuditLog audit;

    SnapshotController(Snapshots snapshots, AuditLog audit) {
        this.snapshots = snapshots;
        this.audit = audit;
    }

    @PostMapping
    @RequiredScope(TRAIN)
    @ResponseStatus(HttpStatus.CREATED)
    @ResponseHeaders("Location")
    @Fails(like = WRITE, with = SNAPSHOT_LIMIT)
    ResponseEntity<SnapshotEntry> takeSnapshot(
            @PathVariable LayerName name,
            @RequestBody(required = false) @Nullable TakeSnapshotRequest request) {
        String label = request == null ? null : request.label().value();
        SnapshotSummary taken = snapshots.take(name, label);
        return ResponseEntity.created(
                        URI.create("/api/v1/layers/" + name + "/snapshots/" + taken.id()))
                .body(SnapshotEntry.of(taken));
    }

    @GetMapping
    @RequiredScope(INFER)
    ResponseEntity<SnapshotList> listSnapshots(@PathVariable LayerName name) {
        return ResponseEntity.ok(SnapshotList.of(snapshots.list(name)));
    }

    @GetMapping("/{id}")
    @RequiredScope(INFER)
    @Fails(with = SNAPSHOT_NOT_FOUND)
    ResponseEntity<SnapshotAnswer> getSnapshot(
            @PathVariable LayerName name, @PathVariable long id) {
        return ResponseEntity.ok(SnapshotAnswer.of(snapshots.get(name, id)));
    }

    @GetMapping("/compare")
    @RequiredScope(INFER)
    @Fails(with = SNAPSHOT_NOT_FOUND)
    ResponseEntity<ComparisonAnswer> compareSnapshots(
            @PathVariable LayerName name,
            @RequestParam String from,
            @RequestParam(defaultValue = CURRENT) String to) {
        return ResponseEntity.ok(
                ComparisonAnswer.of(
                        from, to, snapshots.compare(name, id("from", from), id("to", to))));
    }

    /// Returns the snapshot id of a query parameter; null for the current layer.
    private static @Nullable Long id(String parameter, String text) {
        if (text.equals(CURRENT)) {
            return null;
        }
        try {
            return Long.valueOf(text);
        } catch (NumberFormatException e) {
            throw new InvalidField(
                    parameter,
                    "\"" + parameter + "\" must be the id of a snapshot, or \"" + CURRENT + "\"");
        }
    }

    @PostMapping("/{id}/restore")
    @RequiredScope(TRAIN)
    @ResponseHeaders({"ETag", "Layer-Version"})
    @Fails(
            like = WRITE,
            with = {SNAPSHOT_NOT_FOUND, VERSION_MISMATCH})
    ResponseEntity<LayerAnswer> restoreSnapshot(
            @PathVariable LayerName name, @PathVariable long id, Precondition ifMatch) {
        return LayerResponses.of(snapshots.restore(name, id, ifMatch));
    }

    @DeleteMapping("/{id}")
    @RequiredScope(ADMIN)
    @Fails(like = WRITE, with = SNAPSHOT_NOT_FOUND)
    ResponseEntity<Void> deleteSnapshot(@PathVariable LayerName name, @PathVariable long id) {
        snapshots.delete(name, id);
        audit.record(AuditEvent.DELETE_SNAPSHOT, name + "/" + id);
        return ResponseEntity.noContent().build();
    }
}
