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

/// Inference requests of the protocol: forward and backward.
@RestController
final class InferController {
    private final InferenceBodies bodies;
    private final Inferences inferences;
    private final Models models;
    private final ModelStatistics statistics;
    private final TimingListener timings;
    private final AuthorizationInterceptor authorization;

    InferController(
            InferenceBodies bodies,
            Inferences inferences,
            Models models,
            ModelStatistics statistics,
            TimingListener timings,
            AuthorizationInterceptor authorization) {
        this.bodies = bodies;
        this.inferences = inferences;
        this.models = models;
        this.statistics = statistics;
        this.timings = timings;
        this.authorization = authorization;
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
        boolean succeeded = false;
        try {
            respond(model, version, request, response);
            succeeded = true;
        } finally {
            if (!succeeded) {
                statistics.rejected(model, System.nanoTime() - start);
            }
        }
    }

    private void respond(
            LayerName model,
            @Nullable String version,
            HttpServletRequest http,
            HttpServletResponse response)
            throws IOException {
        long start = System.nanoTime();
        rejectConditions(http);
        InferenceRequest request = bodies.read(http, () -> models.get(model, version));
        RequestParameters parameters =
                RequestParameters.of(request.parameters(), http.getQueryString());
        InferOperation operation = InferOperation.of(parameters);
        authorization.require(http, operation.scope(parameters));
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
                        new Inferences.Call(model, version, request, parameters, outputs, key));
        long computed = System.nanoTime();
        InferenceAnswer.of(model, request.id(), inference, outputs).send(response);
        long encode = System.nanoTime() - computed;
        statistics.succeeded(model, rows(request), read - start, computed - read, encode);
        long commit = inference.commitNanos();
        timings.succeeded(operation.word(), read - start, computed - read - commit, commit, encode);
        inference.free();
    }

    /// @throws InvalidField for a condition, which the protocol does not support
    private static void rejectConditions(HttpServletRequest request) {
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
