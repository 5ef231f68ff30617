package batchnorm.web;

import batchnorm.codec.Message;
import batchnorm.collective.SyncGradients;
import batchnorm.collective.SyncGroup;
import batchnorm.collective.SyncGroups;
import batchnorm.collective.SyncPart;
import batchnorm.collective.SyncTrained;
import batchnorm.layer.LayerName;
import java.io.IOException;
import java.time.Duration;
import org.springframework.web.bind.annotation.PathVariable;
import org.springframework.web.bind.annotation.PostMapping;
import org.springframework.web.bind.annotation.RequestMapping;
import org.springframework.web.bind.annotation.RestController;

/// Workers that train one layer together.
@RestController
@RequestMapping("/api/v1")
final class SyncController {
    private static final double MILLIS = 1e3;
    private final SyncGroups groups;

    SyncController(SyncGroups groups) {
        this.groups = groups;
    }

    @PostMapping("/layers/{name}/sync-groups")
    @Performs(Operation.OPEN_SYNC_GROUP)
    void open(@PathVariable LayerName name, Exchange exchange) throws IOException {
        Message request = exchange.read();
        Double seconds = request.number("timeout_seconds");
        SyncGroup group =
                groups.open(
                        name,
                        CollectiveMessages.integer(request, "size"),
                        seconds == null
                                ? SyncGroups.DEFAULT_TIMEOUT
                                : Duration.ofMillis((long) (seconds * MILLIS)));
        exchange.created("/api/v1/sync-groups/" + group.id(), CollectiveMessages.group(group));
    }

    @PostMapping("/sync-groups/{group_id}/forward-train")
    @Performs(Operation.SYNC_FORWARD_TRAIN)
    void forwardTrain(@PathVariable("group_id") String groupId, Exchange exchange)
            throws IOException {
        Message request = exchange.fingerprinted().read();
        SyncPart part = CollectiveMessages.part(request, exchange.fingerprint());
        exchange.waitsForOthers();
        SyncTrained trained =
                request.has("input")
                        ? withTensor(groupId, part, request)
                        : withMoments(groupId, part, request, exchange);
        exchange.committed(trained.commitNanos())
                .version(trained.tag(), trained.step().version())
                .replayed(trained.replayed())
                .answer(CollectiveMessages.trained(trained, request));
    }

    private SyncTrained withTensor(String groupId, SyncPart part, Message request) {
        CollectiveMessages.requireNone(request, "input", "count", "mean", "m2");
        return groups.forwardTrain(
                groupId, part, request.requireTensor("input"), request.bool("save_context", true));
    }

    private SyncTrained withMoments(
            String groupId, SyncPart part, Message request, Exchange exchange) {
        exchange.answersNoTensor();
        return groups.forwardTrain(groupId, part, CollectiveMessages.moments(request));
    }

    @PostMapping("/sync-groups/{group_id}/backward")
    @Performs(Operation.SYNC_BACKWARD)
    void backward(@PathVariable("group_id") String groupId, Exchange exchange) throws IOException {
        Message request = exchange.fingerprinted().read();
        SyncPart part = CollectiveMessages.part(request, exchange.fingerprint());
        exchange.waitsForOthers();
        SyncGradients gradients =
                request.has("grad_output")
                        ? ofTensor(groupId, part, request)
                        : ofSums(groupId, part, request, exchange);
        exchange.answer(CollectiveMessages.gradients(gradients, request));
    }

    private SyncGradients ofTensor(String groupId, SyncPart part, Message request) {
        CollectiveMessages.requireNone(request, "grad_output", "sum_dy", "sum_dy_xmu");
        return groups.backward(groupId, part, request.requireTensor("grad_output"));
    }

    private SyncGradients ofSums(
            String groupId, SyncPart part, Message request, Exchange exchange) {
        exchange.answersNoTensor();
        return groups.backward(
                groupId,
                part,
                CollectiveMessages.sum(request, "sum_dy"),
                CollectiveMessages.sum(request, "sum_dy_xmu"));
    }
}
