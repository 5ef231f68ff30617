package batchnorm.service.management;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static org.assertj.core.api.Assertions.assertThat;

import batchnorm.service.ServiceUnderTest;
import batchnorm.service.Wire;
import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import io.micrometer.tracing.Tracer;
import io.opentelemetry.api.OpenTelemetry;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.util.HexFormat;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/// Tests the spans sent to a trace collector, and that no spans are created without one.
class TracesTest {
    private static final String TRACE = "4bf92f3577b34da6a3ce929d0e0e4736";

    @Test
    void aStepIsASpanOfItsCallersTraceWithItsPhasesAndWithoutItsLayersName() throws Exception {
        try (Collector collector = new Collector();
                ServiceUnderTest service =
                        new ServiceUnderTest(
                                "OTEL_EXPORTER_OTLP_TRACES_ENDPOINT=" + collector.address(),
                                "management.opentelemetry.tracing.export.schedule-delay=100ms")) {
            String layer = service.client().layer("\"features\": 2");
            service.client()
                    .post(
                            layer + "/forward-train",
                            "{\"input\": [[1, 2], [3, 4]]}",
                            "traceparent",
                            "00-" + TRACE + "-00f067aa0ba902b7-01")
                    .expect(200);
            collector.awaitAll(
                    "http post /api/v1/layers/{name}/forward-train",
                    "decode",
                    "compute",
                    "commit",
                    "encode",
                    "operation",
                    "forward-train",
                    "service.name",
                    "batchnorm",
                    new String(HexFormat.of().parseHex(TRACE), ISO_8859_1));
        }
    }

    @Test
    void anInferenceRequestIsASpanWithItsPhases() throws Exception {
        try (Collector collector = new Collector();
                ServiceUnderTest service =
                        new ServiceUnderTest(
                                "OTEL_EXPORTER_OTLP_TRACES_ENDPOINT=" + collector.address(),
                                "management.opentelemetry.tracing.export.schedule-delay=100ms")) {
            String model = service.client().layer("\"features\": 2").replace("/layers/", "");
            new Wire(service.client())
                    .inferJson(
                            model,
                            """
                            {"parameters": {"operation": "forward-train"}, "inputs": [
                            {"name": "input", "shape": [2, 2], "datatype": "FP32", "data": [1, 2, 3, 4]}]}
                            """)
                    .expect(200);
            collector.awaitAll(
                    "http post /v2/models/{name}/infer",
                    "decode",
                    "compute",
                    "commit",
                    "encode",
                    "operation",
                    "forward-train");
        }
    }

    @Test
    void withoutACollectorNothingIsMade() throws IOException {
        try (ServiceUnderTest service = new ServiceUnderTest()) {
            assertThat(service.application().getBeansOfType(Tracer.class)).isEmpty();
            assertThat(service.application().getBeansOfType(OpenTelemetry.class)).isEmpty();
        }
    }

    /// A collector of OTLP over HTTP. Names in its protobuf are plain text.
    private static final class Collector implements AutoCloseable {
        private final BlockingQueue<String> received = new LinkedBlockingQueue<>();
        private final HttpServer server;

        private Collector() throws IOException {
            server =
                    HttpServer.create(
                            new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
            server.createContext("/v1/traces", this::receive);
            server.start();
        }

        private void receive(HttpExchange exchange) throws IOException {
            try (exchange) {
                received.add(new String(exchange.getRequestBody().readAllBytes(), ISO_8859_1));
                exchange.sendResponseHeaders(200, -1);
            }
        }

        String address() {
            return "http://127.0.0.1:" + server.getAddress().getPort() + "/v1/traces";
        }

        /// Waits for spans, which arrive in any number of messages.
        void awaitAll(String... texts) throws InterruptedException {
            StringBuilder sent = new StringBuilder();
            while (!Stream.of(texts).allMatch(text -> sent.indexOf(text) >= 0)) {
                String next = received.poll(30, TimeUnit.SECONDS);
                assertThat(next).as("spans after %s", sent).isNotNull();
                sent.append(next);
            }
        }

        @Override
        public void close() {
            server.stop(0);
        }
    }
}
