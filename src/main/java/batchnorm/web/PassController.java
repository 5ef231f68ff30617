package batchnorm.web;

import batchnorm.access.AuthorizationInterceptor;
import batchnorm.access.Scope;
import batchnorm.codec.Message;
import batchnorm.layer.Inferred;
import batchnorm.layer.LayerName;
import batchnorm.layer.Passes;
import batchnorm.layer.TrainRequest;
import batchnorm.layer.TrainResult;
import batchnorm.normalization.Gradients;
import batchnorm.tensor.Tensor;
import jakarta.servlet.http.HttpServletRequest;
import java.io.IOException;
import org.springframework.web.bind.annotation.PathVariable;
import org.springframework.web.bind.annotation.PostMapping;
import org.springframework.web.bind.annotation.RequestMapping;
import org.springframework.web.bind.annotation.RestController;

/// Forward and backward.
@RestController
@RequestMapping("/api/v1/layers/{name}")
final class PassController {
    private final Passes passes;
    private final LayerDrift drift;
    private final AuthorizationInterceptor gate;

    PassController(Passes passes, LayerDrift drift, AuthorizationInterceptor gate) {
        this.passes = passes;
        this.drift = drift;
        this.gate = gate;
    }

    @PostMapping("/forward-train")
    @Performs(Operation.FORWARD_TRAIN)
    void forwardTrain(@PathVariable LayerName name, Exchange exchange) throws IOException {
        Message request = exchange.read();
        TrainRequest training =
                new TrainRequest(
                        request.bool("save_context", true),
                        request.bool("commit", true),
                        PassMessages.weighting(request),
                        exchange.precondition(),
                        exchange.idempotencyKey(),
                        exchange.fingerprint());
        Tensor input = request.requireTensor("input");
        TrainResult trained = passes.forwardTrain(name, input, training);
        if (training.commit()) {
            drift.observe(name, trained);
        }
        exchange.committed(trained.commitNanos())
                .version(trained.tag(), trained.version())
                .header("Context-Id", trained.contextId())
                .replayed(trained.replayed())
                .answer(PassMessages.trained(trained, request));
        trained.spent(input).forEach(Tensor::free);
    }

    /// A context needs the scope of the backward that uses it: contexts that nothing can use would
    /// take the room of training.
    @PostMapping("/forward-infer")
    @Performs(Operation.FORWARD_INFER)
    void forwardInfer(@PathVariable LayerName name, Exchange exchange, HttpServletRequest http)
            throws IOException {
        Message request = exchange.read();
        boolean saveContext = request.bool("save_context", false);
        if (saveContext) {
            gate.require(http, Scope.TRAIN);
        }
        Tensor input = request.requireTensor("input");
        Inferred inferred =
                passes.forwardInfer(name, input, saveContext, request.number("statistics_blend"));
        exchange.version(inferred.layer())
                .header("Context-Id", inferred.contextId())
                .answer(PassMessages.inferred(inferred, request));
        inferred.spent(input).forEach(Tensor::free);
    }

    @PostMapping("/backward")
    @Performs(Operation.BACKWARD)
    void backward(@PathVariable LayerName name, Exchange exchange) throws IOException {
        Message request = exchange.read();
        String contextId = request.text("context_id");
        Tensor gradOutput = request.requireTensor("grad_output");
        Gradients gradients =
                contextId == null
                        ? passes.backward(name, PassMessages.rerun(request), gradOutput)
                        : passes.backward(
                                name, PassMessages.onlyContext(request, contextId), gradOutput);
        exchange.answer(PassMessages.gradients(gradients, request));
        gradients.input().free();
        gradOutput.free();
    }
}
