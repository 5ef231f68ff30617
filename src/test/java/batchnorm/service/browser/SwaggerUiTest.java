package batchnorm.service.browser;

import static org.assertj.core.api.Assertions.assertThat;

import batchnorm.service.Client;
import batchnorm.service.ServiceUnderTest;
import java.io.IOException;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

/// Tests Swagger UI from the view of a new user.
@Tag("slow")
@Tag("browser")
@ExtendWith({ServiceUnderTest.Shared.class, BrowserSession.class})
class SwaggerUiTest {
    private static final String OPERATION = "#operations-passes-forwardInfer";
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
        browser.waitFor(".swagger-ui", "Forward, inference");
        browser.press(OPERATION, "POST");
        browser.waitFor(OPERATION, "Execute");
        browser.type(OPERATION + " input[placeholder=name]", name);
        browser.press(OPERATION, "Execute");
        browser.waitFor(OPERATION + " .live-responses-table .response .response-col_status", "200");
        String request = browser.text(OPERATION + " .curl-command");
        assertThat(request).contains("/layers/" + name + "/forward-infer");
        assertThat(browser.text(OPERATION + " .live-responses-table")).contains("\"output\"");
    }
}
