package batchnorm.service.browser;

import static org.assertj.core.api.Assertions.assertThat;

import batchnorm.service.Client;
import batchnorm.service.ServiceUnderTest;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;
import java.util.List;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.openqa.selenium.Keys;

/// Tests the page of a service that requires credentials.
@Tag("browser")
@ExtendWith(BrowserSession.class)
class PlaygroundAccessTest {
    private static final String KEY = "a-key-of-the-trainer-0123456789abcdef";
    private static final String READER = "a-key-of-the-reader-0123456789abcdefg";
    private static final String ADMIN = "a-key-of-the-admin-0123456789abcdefgh";
    private static ServiceUnderTest service;
    private final Browser browser;

    PlaygroundAccessTest(Browser browser) {
        this.browser = browser;
    }

    @BeforeAll
    static void start() throws Exception {
        service =
                new ServiceUnderTest(
                        "BATCHNORM_API_KEYS=trainer:train:%s,reader:infer:%s,admin:admin:%s"
                                .formatted(digest(KEY), digest(READER), digest(ADMIN)));
    }

    private static String digest(String key) throws NoSuchAlgorithmException {
        return HexFormat.of()
                .formatHex(
                        MessageDigest.getInstance("SHA-256")
                                .digest(key.getBytes(StandardCharsets.UTF_8)));
    }

    @BeforeEach
    void forgetTheKey() {
        browser.allow("status of 401");
        browser.allow("favicon.ico");
        browser.open(service.client(), "/playground/icon.svg");
        browser.script("sessionStorage.clear()");
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
        browser.open(client, "/").waitFor("dialog", "This service requires a key");
        browser.fill("key", "not-it");
        browser.press("Use this key");
        browser.waitFor("dialog", "This service requires a key");
        browser.until(
                "the key is asked for anew",
                () -> browser.field("key").getDomProperty("value").isEmpty());
        browser.fill("key", KEY);
        browser.press("Use this key");
        browser.waitFor("#key", "Key: train");
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
        browser.waitFor("#batches", "1 batch");
        assertThat(browser.reason("Delete")).isEqualTo("Needs a key with the scope admin.");
        client.get("/layers/" + layer, "Authorization", "Bearer " + KEY).expect(200);
    }

    @Test
    void enterSubmitsTheKey() {
        browser.open(service.client(), "/").waitFor("dialog", "This service requires a key");
        browser.field("key").sendKeys(KEY, Keys.ENTER);
        browser.until("the dialog is closed", () -> browser.count("dialog") == 0);
        browser.waitFor("#key", "Key: train");
    }

    @Test
    void aKeyCanBeChangedAndForgotten() {
        enter(KEY);
        browser.waitFor("#key", "Key: train");
        browser.press("Key: train");
        browser.field("key").sendKeys(READER, Keys.ENTER);
        browser.waitFor("#key", "Key: infer");
        browser.press("Key: infer");
        browser.press("Forget the key");
        browser.waitFor("dialog", "This service requires a key");
        assertThat(browser.script("return sessionStorage.length")).isEqualTo(0L);
        browser.press("Not now");
        browser.waitFor("#key", "Enter a key");
    }

    @Test
    void aKeyForInferenceHasNoLiveButtonThatWouldFail() throws IOException {
        service.client()
                .send(
                        "POST",
                        "/layers",
                        "{\"name\": \"read-only\", \"features\": 2}"
                                .getBytes(StandardCharsets.UTF_8),
                        "Content-Type",
                        "application/json",
                        "Authorization",
                        "Bearer " + KEY);
        enter(READER);
        browser.waitFor("#scope", "This key has the scope infer");
        assertThat(browser.reason("Start with wine"))
                .isEqualTo("Needs a key with the scope train.");
        assertThat(browser.reason("New layer")).isEqualTo("Needs a key with the scope train.");
        browser.open(service.client(), "/#/layers/read-only").waitFor("#batches", "0 batches");
        browser.waitFor("[aria-label=Snapshots]", "None yet.");
        for (String button : List.of("Reset statistics", "Take a snapshot")) {
            assertThat(browser.reason(button))
                    .as(button)
                    .isEqualTo("Needs a key with the scope train.");
        }
        assertThat(browser.reason("Delete")).isEqualTo("Needs a key with the scope admin.");
        browser.press("Key: infer");
        browser.field("key").sendKeys(ADMIN, Keys.ENTER);
        browser.waitFor("#key", "Key: admin");
        browser.until("deletion is offered", () -> browser.reason("Delete").isEmpty());
    }

    private void enter(String key) {
        browser.open(service.client(), "/").waitFor("dialog", "This service requires a key");
        browser.field("key").sendKeys(key, Keys.ENTER);
        browser.until("the dialog is closed", () -> browser.count("dialog") == 0);
    }
}
