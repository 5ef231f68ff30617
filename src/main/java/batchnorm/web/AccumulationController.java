package batchnorm.web;

import batchnorm.codec.Message;
import batchnorm.collective.Accumulation;
import batchnorm.collective.Accumulations;
import batchnorm.collective.Finished;
import batchnorm.collective.Finished.Apply;
import batchnorm.layer.LayerName;
import batchnorm.normalization.Knob;
import java.io.IOException;
import java.util.Objects;
import org.springframework.web.bind.annotation.DeleteMapping;
import org.springframework.web.bind.annotation.PathVariable;
import org.springframework.web.bind.annotation.PostMapping;
import org.springframework.web.bind.annotation.RequestMapping;
import org.springframework.web.bind.annotation.RestController;

/// Batches that are larger than a request.
@RestController
@RequestMapping("/api/v1")
final class AccumulationController {
    private final Accumulations accumulations;

    AccumulationController(Accumulations accumulations) {
        this.accumulations = accumulations;
    }

    @PostMapping("/layers/{name}/accumulations")
    @Performs(Operation.OPEN_ACCUMULATION)
    void open(@PathVariable LayerName name, Exchange exchange) throws IOException {
        Accumulation accumulation = accumulations.open(name);
        exchange.created(
                "/api/v1/accumulations/" + accumulation.id(),
                CollectiveMessages.accumulation(accumulation));
    }

    @PostMapping("/accumulations/{accumulation_id}/add")
    @Performs(Operation.ADD_TO_ACCUMULATION)
    void add(@PathVariable("accumulation_id") String id, Exchange exchange) throws IOException {
        Message request = exchange.fingerprinted().answersNoTensor().read();
        exchange.answer(CollectiveMessages.progress(added(id, request, exchange)));
    }

    private Accumulation.Progress added(String id, Message request, Exchange exchange) {
        Long chunk = request.integer("chunk");
        String fingerprint = Objects.requireNonNull(exchange.fingerprint());
        if (!request.has("input")) {
            return accumulations.add(id, chunk, fingerprint, CollectiveMessages.moments(request));
        }
        CollectiveMessages.requireNone(request, "input", "count", "mean", "m2");
        return accumulations.add(id, chunk, fingerprint, request.requireTensor("input"));
    }

    @PostMapping("/accumulations/{accumulation_id}/finish")
    @Performs(Operation.FINISH_ACCUMULATION)
    void finish(@PathVariable("accumulation_id") String id, Exchange exchange) throws IOException {
        Message request = exchange.read();
        Apply apply = Knob.parse(Apply.class, "apply", request.requireText("apply"));
        Finished finished = accumulations.finish(id, apply, exchange.precondition());
        exchange.version(finished.tag(), finished.version())
                .answer(CollectiveMessages.finished(finished));
    }

    @DeleteMapping("/accumulations/{accumulation_id}")
    @Performs(Operation.ABANDON_ACCUMULATION)
    void abandon(@PathVariable("accumulation_id") String id, Exchange exchange) {
        accumulations.abandon(id);
        exchange.noContent();
    }
}
