package batchnorm.openinference;

import batchnorm.access.RequiredScope;
import batchnorm.access.Scope;
import batchnorm.codec.Message;
import jakarta.servlet.http.HttpServletResponse;
import java.io.IOException;
import java.util.List;
import java.util.Objects;
import org.springframework.boot.availability.ApplicationAvailability;
import org.springframework.boot.availability.ReadinessState;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.RestController;

/// Server metadata and health.
@RestController
final class ServerController {
    private static final List<String> EXTENSIONS =
            List.of(
                    "binary_tensor_data",
                    "model_configuration",
                    "model_repository",
                    "parameters",
                    "statistics");

    private final ApplicationAvailability availability;

    ServerController(ApplicationAvailability availability) {
        this.availability = availability;
    }

    @GetMapping({"/v2", "/v2/"})
    @RequiredScope(Scope.INFER)
    void metadata(HttpServletResponse response) throws IOException {
        String version = ServerController.class.getPackage().getImplementationVersion();
        JsonAnswer.send(
                new Message()
                        .with("name", "batchnorm")
                        .with("version", Objects.requireNonNullElse(version, "development"))
                        .with("extensions", EXTENSIONS),
                response);
    }

    @GetMapping("/v2/health/live")
    @RequiredScope(Scope.NONE)
    void live(HttpServletResponse response) throws IOException {
        JsonAnswer.send(new Message().with("live", (Boolean) true), response);
    }

    @GetMapping("/v2/health/ready")
    @RequiredScope(Scope.NONE)
    void ready(HttpServletResponse response) throws IOException {
        boolean ready = availability.getReadinessState() == ReadinessState.ACCEPTING_TRAFFIC;
        if (!ready) {
            response.setStatus(HttpServletResponse.SC_SERVICE_UNAVAILABLE);
        }
        JsonAnswer.send(new Message().with("ready", (Boolean) ready), response);
    }
}
