package batchnorm.service.browser;

import static org.assertj.core.api.Assertions.assertThat;

import batchnorm.service.Client;
import batchnorm.service.ServiceUnderTest;
import java.io.IOException;
import java.io.InputStream;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;

/// Tests Swagger UI from the view of a new user.
@Tag("slow")
@Tag("browser")
@ExtendWith({ServiceUnderTest.Shared.class, BrowserSession.class})
class SwaggerUiTest {
    private static final String OPERATION = "#operations-Forward_and_backward-forwardInfer";
    private static final String IMPORT = "#operations-Checkpoints-importLayers";
    private final Client client;
    private final Browser browser;

    SwaggerUiTest(Client client, Browser browser) {
        this.client = client;
        this.browser = browser;
    }

    @Test
    void tryItOutThenExecuteShowsWhatTheApiAnswers() throws IOException {
        String name = client.layer("\"features\": 2").substring("/layers/".length());
        browser.open(client, "/");
        browser.press("API");
        browser.waitFor(".swagger-ui", "Infer: normalize with the running statistics");
        browser.press(OPERATION, "POST");
        browser.waitFor(OPERATION, "Execute");
        browser.type(OPERATION + " input[placeholder=name]", name);
        browser.press(OPERATION, "Execute");
        browser.waitFor(OPERATION + " .live-responses-table .response .response-col_status", "200");
        String request = browser.text(OPERATION + " .curl-command");
        assertThat(request).contains("/layers/" + name + "/forward-infer");
        assertThat(browser.text(OPERATION + " .live-responses-table")).contains("\"output\"");
    }

    @Test
    void introducesTheServiceAndShowsNoPadlockWithoutCredentials() {
        browser.open(client, "/swagger-ui.html").waitFor(".swagger-ui", "Forward and backward");
        assertThat(browser.text(".information-container")).contains("Create", "Train", "Infer");
        assertThat(browser.count(".information-container a[href='/']")).isOne();
        assertThat(browser.count(".opblock")).isGreaterThan(30);
        assertThat(browser.count(".authorization__btn, .auth-wrapper .authorize")).isZero();
    }

    @Test
    void marksTheRequiredFieldsAndTheTypeOfATensor() {
        browser.open(client, "/swagger-ui.html").waitFor(".swagger-ui", "Forward and backward");
        browser.press(OPERATION, "POST");
        browser.waitFor(OPERATION + " .opblock-section-request-body", "Required: input.");
        browser.press(OPERATION + " .opblock-section-request-body", "Schema");
        browser.press(OPERATION + " .opblock-section-request-body", "Expand all");
        browser.waitFor(OPERATION + " .json-schema-2020-12-property--required", "input");
        browser.waitFor(OPERATION + " .json-schema-2020-12-property--required", "array<");
        browser.waitFor(
                OPERATION
                        + " .json-schema-2020-12-property--required .json-schema-2020-12-property--required",
                "shape");
    }

    @Test
    void importsTheSampleCheckpointThatItOffers(@TempDir Path directory) throws IOException {
        for (String layer : List.of("stem.bn", "block.bn")) {
            client.delete("/layers/" + layer);
        }
        browser.open(client, "/swagger-ui.html").waitFor(".swagger-ui", "Import the layers");
        browser.press(IMPORT, "POST");
        browser.waitFor(IMPORT, "checkpoint.safetensors");
        String link =
                browser.script("return document.querySelector(arguments[0]).href", IMPORT + " p a")
                        .toString();
        Path file = directory.resolve("checkpoint.safetensors");
        try (InputStream sample = URI.create(link).toURL().openStream()) {
            Files.copy(sample, file);
        }
        browser.attach(file);
        browser.press(IMPORT, "Execute");
        browser.waitFor(IMPORT + " .live-responses-table .response .response-col_status", "200");
        assertThat(client.get("/layers/block.bn").expect(200).field("features").asInt())
                .isEqualTo(8);
    }
}
