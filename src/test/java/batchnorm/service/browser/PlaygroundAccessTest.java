package batchnorm.service.browser;

import static org.assertj.core.api.Assertions.assertThat;

import batchnorm.service.Client;
import batchnorm.service.ServiceUnderTest;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.util.HexFormat;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

/// Tests the page of a service that requires credentials.
@Tag("browser")
@ExtendWith(BrowserSession.class)
class PlaygroundAccessTest {
    private static final String KEY = "a-key-of-the-trainer-0123456789abcdef";
    private static ServiceUnderTest service;
    private final Browser browser;

    PlaygroundAccessTest(Browser browser) {
        this.browser = browser;
    }

    @BeforeAll
    static void start() throws Exception {
        byte[] digest =
                MessageDigest.getInstance("SHA-256").digest(KEY.getBytes(StandardCharsets.UTF_8));
        service =
                new ServiceUnderTest(
                        "BATCHNORM_API_KEYS=trainer:train:" + HexFormat.of().formatHex(digest));
    }

    @AfterAll
    static void stop() throws IOException {
        service.close();
    }

    @Test
    void requestsTheKeyAndKeepsItInTheTab() throws IOException {
        browser.allow("status of 401");
        browser.allow("status of 403");
        Client client = service.client();
        browser.open(client, "/").waitFor("dialog", "This service asks who you are");
        browser.fill("key", "not-it");
        browser.press("Use this key");
        browser.waitFor("dialog", "This service asks who you are");
        browser.until(
                "the key is asked for anew",
                () -> browser.field("key").getDomProperty("value").isEmpty());
        browser.fill("key", KEY);
        browser.press("Use this key");
        browser.waitFor("#layers", "No layers yet.");
        browser.press("Start with wine");
        browser.waitFor(".loaded", "178 × 13");
        browser.press("Train step");
        browser.waitFor("[aria-label='Training and inference']", "training");

        browser.press("Copy as curl");
        browser.press(".actions", "curl");
        assertThat(browser.text(".code")).contains("$BATCHNORM_KEY").doesNotContain(KEY);
        browser.press("Copy as curl");

        String layer = browser.text("h1").substring("Try ".length());
        browser.reload();
        browser.waitFor("#layers", layer);
        browser.press("Back to the layer");
        browser.press("Delete");
        browser.press("Delete it");
        browser.waitFor("#main .problem", "These credentials do not allow it");
        client.get("/layers/" + layer, "Authorization", "Bearer " + KEY).expect(200);
    }
}
