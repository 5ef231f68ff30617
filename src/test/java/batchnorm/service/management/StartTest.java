package batchnorm.service.management;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import batchnorm.admission.RequestLimits;
import batchnorm.service.ServiceUnderTest;
import batchnorm.settings.StorageSettings;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.springframework.boot.test.system.CapturedOutput;
import org.springframework.boot.test.system.OutputCaptureExtension;

/// Tests the messages of failed starts.
@ExtendWith(OutputCaptureExtension.class)
class StartTest {

    @Test
    void beyondLoopbackItStopsAndNamesTheSettings(CapturedOutput output) {
        assertThatThrownBy(() -> new ServiceUnderTest("server.address=0.0.0.0"));
        assertThat(output)
                .contains("without credentials", "BATCHNORM_API_KEYS", "BATCHNORM_AUTH=none")
                .doesNotContain("\tat ");
    }

    @Test
    void beyondLoopbackItStartsForWhomKnows(CapturedOutput output) throws IOException {
        try (ServiceUnderTest service =
                new ServiceUnderTest("server.address=0.0.0.0", "BATCHNORM_AUTH=none")) {
            service.client().layer("");
            assertThat(output)
                    .contains("an acknowledged step is flushed to the disk")
                    .contains("requests need no credentials");
        }
    }

    @Test
    void bytesTakeUnits() throws IOException {
        try (ServiceUnderTest service =
                new ServiceUnderTest(
                        "BATCHNORM_MAX_BODY_BYTES=3KB", "BATCHNORM_MAX_KEY_BYTES=5000")) {
            RequestLimits limits = service.application().getBean(RequestLimits.class);
            assertThat(limits.maxBodyBytes()).isEqualTo(3072);
            assertThat(service.application().getBean(StorageSettings.class).maxKeyBytes())
                    .isEqualTo(5000);
        }
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "BATCHNORM_API_KEYS= , ",
                "BATCHNORM_API_KEYS=  ",
                "BATCHNORM_API_KEYS=# none yet",
                "BATCHNORM_JWT_AUDIENCE=batchnorm",
                "BATCHNORM_JWT_ISSUER=https://id.example",
                "BATCHNORM_JWT_ISSUER= ",
            })
    void credentialsThatLetNoCallerInStopIt(String setting, CapturedOutput output) {
        assertThatThrownBy(() -> new ServiceUnderTest(setting));
        assertThat(output)
                .contains(setting.substring(0, setting.indexOf('=')), "APPLICATION FAILED TO START")
                .doesNotContain("\tat ");
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "\n", "# to be filled\n\n  # soon", " , ,\n"})
    void aFileWithoutAKeyStopsIt(String text, CapturedOutput output, @TempDir Path directory)
            throws IOException {
        Path file = Files.writeString(directory.resolve("keys"), text);
        assertThatThrownBy(() -> new ServiceUnderTest("BATCHNORM_API_KEYS_FILE=" + file));
        assertThat(output).contains("BATCHNORM_API_KEYS_FILE").doesNotContain("\tat ");
    }

    @Test
    void aKeyInTheClearIsNotRepeated(CapturedOutput output) {
        assertThatThrownBy(() -> new ServiceUnderTest("BATCHNORM_API_KEYS=very-secret"));
        assertThat(output).contains("name:scope:sha256").doesNotContain("very-secret");
    }
}
