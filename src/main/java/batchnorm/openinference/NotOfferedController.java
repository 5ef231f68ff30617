package batchnorm.openinference;

import batchnorm.access.RequiredScope;
import batchnorm.access.Scope;
import org.springframework.http.HttpStatus;
import org.springframework.web.bind.annotation.RequestMapping;
import org.springframework.web.bind.annotation.RestController;
import org.springframework.web.server.ResponseStatusException;

/// Rejects paths of unsupported Triton extensions with an alternative, instead of a plain 404.
@RestController
@SuppressWarnings("DoNotCallSuggester") // called by Spring, always throws
final class NotOfferedController {

    @RequestMapping({"/v2/systemsharedmemory/**", "/v2/cudasharedmemory/**"})
    @RequiredScope(Scope.NONE)
    void sharedMemory() {
        throw notOffered(
                "shared memory is not offered; send tensors as binary data behind the JSON"
                        + " (binary_data_size), and request outputs with \"binary_data\": true");
    }

    @RequestMapping({"/v2/trace/setting", "/v2/models/{name}/trace/setting"})
    @RequiredScope(Scope.NONE)
    void traceSettings() {
        throw notOffered(
                "trace settings are not offered; start the service with"
                        + " OTEL_EXPORTER_OTLP_TRACES_ENDPOINT to have traces");
    }

    @RequestMapping("/v2/logging")
    @RequiredScope(Scope.NONE)
    void logSettings() {
        throw notOffered(
                "log settings are not offered; start the service with"
                        + " LOGGING_LEVEL_BATCHNORM=debug, or another level");
    }

    private static ResponseStatusException notOffered(String detail) {
        return new ResponseStatusException(HttpStatus.NOT_FOUND, detail);
    }
}
