package batchnorm.web;

import batchnorm.access.AuditEvent;
import batchnorm.access.AuditLog;
import batchnorm.layer.Comparison;
import batchnorm.layer.Layer;
import batchnorm.layer.LayerName;
import batchnorm.layer.SnapshotSummary;
import batchnorm.layer.Snapshots;
import java.io.IOException;
import org.springframework.web.bind.annotation.DeleteMapping;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.PathVariable;
import org.springframework.web.bind.annotation.PostMapping;
import org.springframework.web.bind.annotation.RequestMapping;
import org.springframework.web.bind.annotation.RequestParam;
import org.springframework.web.bind.annotation.RestController;

/// Versions of layers that were put aside.
@RestController
@RequestMapping("/api/v1/layers/{name}/snapshots")
final class SnapshotController {
    private final Snapshots snapshots;
    private final AuditLog audit;

    SnapshotController(Snapshots snapshots, AuditLog audit) {
        this.snapshots = snapshots;
        this.audit = audit;
    }

    @PostMapping
    @Performs(Operation.TAKE_SNAPSHOT)
    void take(@PathVariable LayerName name, Exchange exchange) throws IOException {
        SnapshotSummary taken = snapshots.take(name, SnapshotMessages.label(exchange.readIfAny()));
        exchange.created(
                "/api/v1/layers/" + name + "/snapshots/" + taken.id(),
                SnapshotMessages.summary(taken));
    }

    @GetMapping
    @Performs(Operation.LIST_SNAPSHOTS)
    void list(@PathVariable LayerName name, Exchange exchange) throws IOException {
        exchange.answer(SnapshotMessages.list(snapshots.list(name)));
    }

    @GetMapping("/{id}")
    @Performs(Operation.GET_SNAPSHOT)
    void get(@PathVariable LayerName name, @PathVariable long id, Exchange exchange)
            throws IOException {
        exchange.answer(SnapshotMessages.snapshot(snapshots.get(name, id)));
    }

    @GetMapping("/compare")
    @Performs(Operation.COMPARE_SNAPSHOTS)
    void compare(
            @PathVariable LayerName name,
            @RequestParam String from,
            @RequestParam(defaultValue = SnapshotMessages.CURRENT) String to,
            Exchange exchange)
            throws IOException {
        Comparison comparison =
                snapshots.compare(
                        name, SnapshotMessages.id("from", from), SnapshotMessages.id("to", to));
        exchange.answer(SnapshotMessages.comparison(from, to, comparison));
    }

    @PostMapping("/{id}/restore")
    @Performs(Operation.RESTORE_SNAPSHOT)
    void restore(@PathVariable LayerName name, @PathVariable long id, Exchange exchange)
            throws IOException {
        Layer layer = snapshots.restore(name, id, exchange.precondition());
        exchange.version(layer).answer(LayerMessages.layer(layer));
    }

    @DeleteMapping("/{id}")
    @Performs(Operation.DELETE_SNAPSHOT)
    void delete(@PathVariable LayerName name, @PathVariable long id, Exchange exchange) {
        snapshots.delete(name, id);
        audit.record(AuditEvent.DELETE_SNAPSHOT, name + "/" + id);
        exchange.noContent();
    }
}
