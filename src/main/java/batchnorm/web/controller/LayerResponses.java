package batchnorm.web.controller;

import batchnorm.layer.Layer;
import batchnorm.web.api.LayerAnswer;
import batchnorm.web.telemetry.ServiceMetrics;
import org.springframework.http.ResponseEntity;
import org.springframework.http.ResponseEntity.BodyBuilder;
import org.springframework.stereotype.Component;

/// Responses with the version of a layer in their headers.
@Component
final class LayerResponses {
    static final String VERSION = "Layer-Version";
    private final ServiceMetrics metrics;

    LayerResponses(ServiceMetrics metrics) {
        this.metrics = metrics;
    }

    static ResponseEntity<LayerAnswer> of(Layer layer) {
        return ok(layer).body(LayerAnswer.of(layer));
    }

    static BodyBuilder ok(Layer layer) {
        return ok(layer.tag(), layer.version());
    }

    static BodyBuilder ok(String tag, long version) {
        return versioned(ResponseEntity.ok(), tag, version);
    }

    static BodyBuilder versioned(BodyBuilder response, String tag, long version) {
        return response.eTag('"' + tag + '"').header(VERSION, Long.toString(version));
    }

    /// Returns the response to a step, and counts it if an earlier request made it.
    BodyBuilder step(String tag, long version, boolean replayed) {
        BodyBuilder response = ok(tag, version);
        if (replayed) {
            metrics.replayed();
            response.header("Idempotency-Replayed", "true");
        }
        return response;
    }
}
