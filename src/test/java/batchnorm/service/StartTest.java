package batchnorm.service;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.springframework.boot.test.system.CapturedOutput;
import org.springframework.boot.test.system.OutputCaptureExtension;

/// What a start says that does not succeed.
@ExtendWith(OutputCaptureExtension.class)
class StartTest {

    @Test
    void beyondLoopbackItStopsWithASentenceThatSaysWhatToSet(CapturedOutput output) {
        assertThatThrownBy(() -> new ServiceUnderTest("server.address=0.0.0.0"));
        assertThat(output)
                .contains(
                        "let in anyone who reaches it", "BATCHNORM_API_KEYS", "BATCHNORM_AUTH=none")
                .doesNotContain("\tat ");
    }

    @Test
    void beyondLoopbackItStartsForWhomKnows() throws IOException {
        try (ServiceUnderTest service =
                new ServiceUnderTest("server.address=0.0.0.0", "BATCHNORM_AUTH=none")) {
            service.client().layer("");
        }
    }

    @Test
    void aKeyInTheClearIsNotRepeated(CapturedOutput output) {
        assertThatThrownBy(() -> new ServiceUnderTest("BATCHNORM_API_KEYS=very-secret"));
        assertThat(output).contains("name:scope:sha256").doesNotContain("very-secret");
    }
}
