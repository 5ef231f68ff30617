package batchnorm.openinference;

import batchnorm.access.AuthorizationInterceptor;
import batchnorm.access.Caller;
import batchnorm.access.RequiredScope;
import batchnorm.access.Scope;
import batchnorm.codec.InvalidField;
import batchnorm.layer.LayerName;
import batchnorm.tensor.Tensor;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import java.io.IOException;
import org.jspecify.annotations.Nullable;
import org.springframework.web.bind.annotation.PathVariable;
import org.springframework.web.bind.annotation.PostMapping;
import org.springframework.web.bind.annotation.RestController;

/// Inference requests: forward and backward, in the words of the protocol.
@RestController
final class InferController {
    private final InferenceBodies bodies;
    private final Inferences inferences;
    private final Models models;
    private final ModelStatistics statistics;
    private final TimingListener phases;
    private final AuthorizationInterceptor gate;

    InferController(
            InferenceBodies bodies,
            Inferences inferences,
            Models models,
            ModelStatistics statistics,
            TimingListener phases,
            AuthorizationInterceptor gate) {
        this.bodies = bodies;
        this.inferences = inferences;
        this.models = models;
        this.statistics = statistics;
        this.phases = phases;
        this.gate = gate;
    }

    @PostMapping({"/v2/models/{name}/infer", "/v2/models/{name}/versions/{version}/infer"})
    @RequiredScope(Scope.INFER)
    void infer(
            @PathVariable String name,
            @PathVariable(required = false) @Nullable String version,
            HttpServletRequest request,
            HttpServletResponse response)
            throws IOException {
        LayerName model = Models.name(name);
        long start = System.nanoTime();
        boolean answered = false;
        try {
            answer(model, version, request, response);
            answered = true;
        } finally {
            if (!answered) {
                statistics.refused(model, System.nanoTime() - start);
            }
        }
    }

    private void answer(
            LayerName model,
            @Nullable String version,
            HttpServletRequest http,
            HttpServletResponse response)
            throws IOException {
        long start = System.nanoTime();
        refuseConditions(http);
        InferenceRequest request = bodies.read(http, () -> models.get(model, version));
        RequestParameters parameters =
                RequestParameters.of(request.parameters(), http.getQueryString());
        InferOperation operation = InferOperation.of(parameters);
        gate.require(http, operation.scope(parameters));
        parameters.requireThoseOf(operation);
        RequestedOutputs outputs =
                RequestedOutputs.of(request, operation, parameters, InferenceBodies.isRaw(http));
        StepKey key =
                StepKey.of(
                        http.getHeader(StepKey.HEADER),
                        request.id(),
                        Caller.isKnown(http) ? Caller.of(http) : null);
        long read = System.nanoTime();
        Inference inference =
                inferences.run(
                        operation,
                        new Inferences.Asked(model, version, request, parameters, outputs, key));
        long computed = System.nanoTime();
        InferenceAnswer.of(model, request.id(), inference, outputs).send(response);
        long encode = System.nanoTime() - computed;
        statistics.answered(model, rows(request), read - start, computed - read, encode);
        long commit = inference.commitNanos();
        phases.answered(operation.word(), read - start, computed - read - commit, commit, encode);
        inference.free();
    }

    /// @throws InvalidField for a condition, which no request here can have
    private static void refuseConditions(HttpServletRequest request) {
        if (request.getHeader("If-Match") != null) {
            throw new InvalidField(
                    "If-Match",
                    "If-Match is not read here; name the version in the path,"
                            + " /v2/models/{name}/versions/{version}/infer");
        }
    }

    private static long rows(InferenceRequest request) {
        Tensor first = request.inputs().values().iterator().next();
        return first.shape().rank() == 0 ? 1 : first.shape().dimension(0);
    }
}
