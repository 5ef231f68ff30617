package batchnorm.service.management;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import batchnorm.Main;
import batchnorm.service.ServiceUnderTest;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.file.Path;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;
import org.springframework.boot.SpringApplication;
import org.springframework.boot.test.system.CapturedOutput;
import org.springframework.boot.test.system.OutputCaptureExtension;

/// Tests that a failed start names the setting, its cause and a fitting action, without a stack
/// trace.
@ExtendWith(OutputCaptureExtension.class)
class StartupErrorsTest {
    @ParameterizedTest
    @MethodSource("settings")
    void aSetting(String setting, String[] words, CapturedOutput output) {
        int before = output.length();
        assertThatThrownBy(() -> new ServiceUnderTest(setting));
        expect(output.toString().substring(before), words);
    }

    static Stream<Arguments> settings() {
        return Stream.of(
                row(
                        "BATCHNORM_DATABASE_URL=postgres://u:very-secret@db/bn",
                        "BATCHNORM_DATABASE_URL does not begin with",
                        "jdbc:postgresql://host:5432/name"),
                row(
                        "OTEL_EXPORTER_OTLP_TRACES_ENDPOINT=collector:4318",
                        "OTEL_EXPORTER_OTLP_TRACES_ENDPOINT",
                        "http://collector:4318/v1/traces"),
                row("BATCHNORM_LOG_FORMAT=json", "BATCHNORM_LOG_FORMAT", "ecs, gelf or logstash"),
                row(
                        "BATCHNORM_MAX_BODY_BYTES=12",
                        "BATCHNORM_MAX_BODY_BYTES",
                        "greater than or equal to 1024"),
                row("BATCHNORM_MAX_KEYS=-1", "BATCHNORM_MAX_KEYS", "greater than 0"),
                row("BATCHNORM_MAX_KEYS=many", "BATCHNORM_MAX_KEYS", "many"),
                row("BATCHNORM_KEY_TTL=soon", "BATCHNORM_KEY_TTL", "soon"),
                row("batchnorm.shutdown.drain=1h", "BATCHNORM_DRAIN", "25 seconds"),
                row("BATCHNORM_MAX_KEY_BYTES=-1KB", "BATCHNORM_MAX_KEY_BYTES", "greater than 0"),
                row("BATCHNORM_MAX_LAYER_BYTES=1XB", "BATCHNORM_MAX_LAYER_BYTES", "1XB"),
                row("BATCHNORM_BODY_GRACE=-5s", "BATCHNORM_BODY_GRACE", "-5s"),
                row("BATCHNORM_CONTEXT_TTL=0s", "BATCHNORM_CONTEXT_TTL", "0s"));
    }

    private static Arguments row(String setting, String... words) {
        return Arguments.of(setting, words);
    }

    @Test
    void aPortThatIsInUse(CapturedOutput output, @TempDir Path data) throws IOException {
        try (ServerSocket taken = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            String port = Integer.toString(taken.getLocalPort());
            int before = output.length();
            assertThatThrownBy(() ->
                    SpringApplication.run(
                            Main.class, "--SERVER_PORT=" + port, "--BATCHNORM_DATA_DIR=" + data));
            expect(output.toString().substring(before), "ort " + port, "already in use");
        }
    }

    private static void expect(String log, String... words) {
        assertThat(log)
                .contains("APPLICATION FAILED TO START", "Action:")
                .contains(words)
                .doesNotContain("\tat ", "Caused by", "very-secret");
    }
}
