package batchnorm.service.browser;

import static org.assertj.core.api.Assertions.assertThat;

import batchnorm.service.Answer;
import batchnorm.service.Client;
import batchnorm.service.ServiceUnderTest;
import java.io.IOException;
import java.util.List;
import java.util.Locale;
import org.assertj.core.data.Offset;
import org.assertj.core.data.Percentage;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.openqa.selenium.Keys;
import tools.jackson.databind.JsonNode;

/// Tests the page at `/` with real clicks: single layers and the list.
@Tag("slow")
@Tag("browser")
@ExtendWith({ServiceUnderTest.Shared.class, BrowserSession.class})
class PlaygroundTest {
    /// The page shows six digits.
    static final Percentage AS_SHOWN = Percentage.withPercentage(0.001);

    private final Client client;
    private final Browser browser;

    PlaygroundTest(Client client, Browser browser) {
        this.client = client;
        this.browser = browser;
    }

    @AfterEach
    void asItWas() {
        browser.resize(1280, 1000);
    }

    @Test
    void aFirstVisitorBeginsWithOneClick() throws IOException {
        browser.allow("status of 409");
        String mine = beginWithWine();
        assertThat(beginWithWine()).as("the same visitor").isEqualTo(mine);
        browser.script("localStorage.removeItem('batchnorm-visitor')");
        String other = beginWithWine();
        assertThat(other).as("another visitor").isNotEqualTo(mine);
        client.get("/layers/" + mine).expect(200);
        client.get("/layers/" + other).expect(200);
    }

    /// Returns the name of the layer.
    private String beginWithWine() {
        browser.open(client, "/").waitFor("h1", "See what batch normalization does");
        assertThat(browser.count("a[href='swagger-ui.html']")).isPositive();
        browser.press("Start with wine");
        browser.waitFor(".loaded", "Wine: 178 × 13");
        String heading = browser.text("h1");
        assertThat(heading).startsWith("Try playground-wine-");
        return heading.substring("Try ".length());
    }

    @Test
    void whatIsNoNumberIsSaidWithoutNaN() {
        browser.open(client, "/#/new").waitFor(".callout", "Each batch counts 10 %");
        browser.press("Turn a knob");
        for (String momentum : List.of("a tenth", "5", "-1")) {
            browser.fill("momentum", momentum);
            browser.waitFor(".callout", "The momentum must be a number from 0 to 1, or empty.");
            assertThat(browser.text(".form")).doesNotContain("NaN %", "NaN batch");
        }
        browser.fill("momentum", "0.5");
        browser.fill("epsilon", "small");
        browser.waitFor(".callout", "Each batch counts 50 %");
        browser.waitFor(".callout", "ε must be a number");
    }

    @Test
    void makesALayerFromAConventionWithOneKnobTurned() throws IOException {
        client.delete("/layers/page.made");
        browser.open(client, "/#/new").waitFor(".callout", "Each batch counts 10 %");
        browser.fill("name", "page.made");
        browser.fill("features", "3");
        browser.choose("convention", "keras");
        browser.waitFor(".callout", "Each batch counts 1 %");
        browser.press("Turn a knob");
        browser.fill("epsilon", "0.25");
        browser.waitFor(".callout", "ε is 0.25");
        browser.press("Create the layer");
        browser.waitFor("h1", "page.made");
        browser.waitFor("#layers .layers", "page.made");
        Answer layer = client.get("/layers/page.made").expect(200);
        assertThat(layer.json().at("/config/epsilon").asDouble()).isEqualTo(0.25);
        assertThat(layer.json().at("/config/momentum").asDouble()).isEqualTo(0.99);
        assertThat(layer.field("features").asInt()).isEqualTo(3);
    }

    @Test
    void saysWhatIsWrongBesideItsField() throws IOException {
        browser.allow("status of 422");
        browser.open(client, "/#/new").waitFor(".callout", "Each batch counts");
        browser.fill("name", "page.refused");
        browser.press("Turn a knob");
        browser.fill("epsilon", "-1");
        browser.press("Create the layer");
        String refusal =
                client.post("/layers", "{\"name\": \"page.refused\", \"epsilon\": -1}").detail();
        browser.waitFor(".problem", refusal.substring(1));
        assertThat(browser.field("epsilon").getDomAttribute("aria-invalid")).isEqualTo("true");
        assertThat(browser.count("[aria-invalid]")).isEqualTo(1);
    }

    @Test
    void listsFindsAndFollowsLayers() throws IOException {
        String path = client.layer("\"features\": 2");
        String name = path.substring("/layers/".length());
        browser.open(client, "/").waitFor(".layers", "0 batches");
        browser.fill("search", name.toUpperCase(Locale.ROOT));
        browser.until("only one is found", () -> browser.text(".layers").startsWith(name + "\n"));
        client.train(path, "[[1, 2], [3, 4]]");
        browser.waitFor(".layers", "1 batch ");
        browser.fill("search", "no-such-layer");
        browser.waitFor("#layers", "No layer has that in its name.");
    }

    @Test
    void showsALayersNumbersAsTheApiHasThem() throws IOException {
        String path =
                client.layer("\"features\": 3, \"gamma\": [0.5, 1, 2], \"beta\": [0, -1, 1e-7]");
        client.train(path, "[[1, 200, -3e6], [2, 220, 4e6]]");
        Answer layer = client.get(path).expect(200);
        browser.open(client, "/#" + path).waitFor("#batches", "1 batch");
        browser.press("The same as numbers");
        browser.waitFor("details.card", "running_var");
        for (String field : List.of("gamma", "beta", "running_mean", "running_var")) {
            double[] numbers = layer.numbers(field);
            for (int channel = 0; channel < numbers.length; channel++) {
                assertThat(browser.number("The same as numbers", Integer.toString(channel), field))
                        .as("%s[%d]", field, channel)
                        .isCloseTo(numbers[channel], AS_SHOWN);
            }
        }
        browser.waitFor(
                "[aria-label=Configuration]", "Each batch counts 10 %; after 7 batches half");
        assertThat(browser.count(".plot canvas")).isEqualTo(4);
    }

    @Test
    void showsALayersHealthAsTheServiceSeesIt() throws IOException {
        String path = client.layer("\"features\": 2");
        client.train(path, "[[1, 2], [3, 4], [5, 6]]");
        Answer health = client.get(path + "/health").expect(200);
        browser.open(client, "/#" + path).waitFor("[aria-label=Health]", "90 %");
        for (JsonNode warning : health.field("warnings").values()) {
            assertThat(browser.text("[aria-label=Health]")).contains(warning.asString());
        }
        assertThat(health.json().at("/smallest_variance/value").asDouble()).isEqualTo(1.3);
        browser.waitFor("[aria-label=Health]", "1.3\nin channel 0");
    }

    @Test
    void goesBackToASnapshot() throws IOException {
        String path = client.layer("\"features\": 2");
        browser.open(client, "/#" + path).waitFor("[aria-label=Snapshots]", "None yet.");
        browser.fill("label", "untouched");
        browser.press("Take a snapshot");
        browser.waitFor("[aria-label=Snapshots] li", "untouched 0 batches");
        client.train(path, "[[1, 2], [3, 4], [5, 6]]");
        browser.waitFor("#batches", "1 batch");
        browser.press("What changed");
        browser.waitFor("[aria-label=Snapshots]", "running_mean by up to 0.4 (channel 1)");
        client.train(path, "[[1, 2], [3, 4], [5, 6]]");
        browser.waitFor("[aria-label=Snapshots]", "running_mean by up to 0.76 (channel 1)");
        browser.press("Restore");
        browser.until("it is as it was", () -> browser.text("#batches").equals("0 batches"));
        assertThat(client.get(path).numbers("running_mean")).containsOnly(0);
    }

    @Test
    void followsWhatOthersDoToALayer() throws IOException {
        String path = client.layer("\"features\": 2");
        browser.open(client, "/#" + path).waitFor("#batches", "0 batches");
        client.train(path, "[[1, 2], [3, 4]]");
        browser.waitFor("#batches", "1 batch");
        browser.press("Reset statistics");
        browser.press("dialog", "Reset them");
        browser.waitFor("#batches", "0 batches");
        assertThat(client.get(path).field("num_batches_tracked").asInt()).isZero();
    }

    @Test
    void drawsThousandsOfChannels() throws IOException {
        String path = client.layer("\"features\": 8192");
        browser.open(client, "/#" + path).waitFor(".chart", "8,192 channels, all 1");
        browser.press("The same as numbers");
        browser.press("Next");
        browser.waitFor("details.card", "channels 50 to 99 of 8192");
        assertThat(browser.number("The same as numbers", "77", "gamma"))
                .isEqualTo(1, Offset.offset(0.0));
    }

    @Test
    void deletesOnlyAfterConfirmation() throws IOException {
        String path = client.layer("\"features\": 2");
        browser.open(client, "/#" + path).waitFor("#batches", "0 batches");
        browser.press("Delete");
        browser.press("Keep it");
        client.get(path).expect(200);
        browser.press("Delete");
        browser.press("Delete it");
        browser.waitFor("h1", "See what batch normalization does");
        client.get(path).expectProblem(404, "layer-not-found");
    }

    @Test
    void isLightOrDarkAsOneLikes() {
        browser.open(client, "/").waitFor("#theme", "Auto");
        String light = background();
        browser.press("◐ Auto");
        browser.press("○ Light");
        browser.waitFor("#theme", "Dark");
        assertThat(background()).isNotEqualTo(light);
        browser.reload();
        browser.waitFor("#theme", "Dark");
        browser.press("● Dark");
        assertThat(background()).isEqualTo(light);
    }

    private String background() {
        return browser.script("return getComputedStyle(document.body).backgroundColor").toString();
    }

    @Test
    void theKeyboardFindsItsWay() {
        browser.open(client, "/").waitFor("h1", "See what batch normalization does");
        browser.keys(Keys.TAB);
        assertThat(browser.focused()).isEqualTo("Skip to the content");
        browser.keys("/");
        browser.until(
                "the search has the focus",
                () -> browser.focused().equals("Search layers by name"));
    }

    @Test
    void hasANameForEverythingOneCanUse() throws IOException {
        String path = client.layer("\"features\": 13");
        for (String view :
                List.of(
                        "/",
                        "/#/new",
                        "/#/import",
                        "/#/compare",
                        "/#" + path,
                        "/#" + path + "/try?sample=wine")) {
            browser.open(client, view).waitFor("h1", "");
            browser.until("it is drawn", () -> browser.count("#main button, #main a") > 0);
            assertThat(
                            (List<?>)
                                    browser.script(
                                            """
                                            return [...document.querySelectorAll('button, a, input, select, textarea, canvas[role], [role=img]')]
                                                .filter(element => !element.getAttribute('aria-label') && !element.textContent.trim()
                                                    && !(element.labels?.length > 0))
                                                .map(element => element.outerHTML.slice(0, 120));
                                            """))
                    .as(view)
                    .isEmpty();
        }
    }

    @Test
    void fitsOnAPhone() throws IOException {
        String path = client.layer("\"features\": 13");
        browser.resize(500, 900);
        for (String view :
                List.of(
                        "/",
                        "/#/new",
                        "/#/import",
                        "/#/compare",
                        "/#" + path,
                        "/#" + path + "/try?sample=wine")) {
            browser.open(client, view).waitFor("h1", "");
            browser.until("it is drawn", () -> browser.count("#main button, #main a") > 0);
            assertThat(
                            (Boolean)
                                    browser.script(
                                            "return document.documentElement.scrollWidth <= document.documentElement.clientWidth"))
                    .as("%s needs no scrolling sideways", view)
                    .isTrue();
        }
    }
}
