package batchnorm.service.browser;

import static org.assertj.core.api.Assertions.assertThat;

import batchnorm.service.Client;
import batchnorm.service.ServiceUnderTest;
import java.io.IOException;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

/// Tests that a result is in sight of the button that made it, and how values are drawn.
@Tag("slow")
@Tag("browser")
@ExtendWith({ServiceUnderTest.Shared.class, BrowserSession.class})
class PlaygroundLayoutTest {
    private static final String RESULT = "[aria-label='Before and after']";
    private static final String TRAIN = ".presses .primary";

    private final Client client;
    private final Browser browser;

    PlaygroundLayoutTest(Client client, Browser browser) {
        this.client = client;
        this.browser = browser;
    }

    @AfterEach
    void asItWas() {
        browser.resize(1280, 1000);
    }

    private void openWine() throws IOException {
        String path = client.layer("\"features\": 13");
        browser.open(client, "/#" + path + "/try?sample=wine").waitFor(".loaded", "178 × 13");
        browser.until("it is drawn", () -> browser.count(RESULT + " circle") == 32);
    }

    /// Returns a side of an element in the window: `top`, `left`, `right`, `bottom`, `height`.
    private double side(String selector, String side) {
        return ((Number)
                        browser.script(
                                "return document.querySelector(arguments[0]).getBoundingClientRect()[arguments[1]]",
                                selector,
                                side))
                .doubleValue();
    }

    private double height() {
        return ((Number) browser.script("return innerHeight")).doubleValue();
    }

    @Test
    void onAWideScreenTheResultStandsBesideTheButton() throws IOException {
        browser.resize(1440, 900);
        openWine();
        assertThat(side(".source", "height")).as("data is one line").isLessThan(64);
        assertThat(side(RESULT, "left")).isGreaterThan(side(TRAIN, "right"));
        assertThat(side(RESULT, "top")).isLessThan(side(TRAIN, "bottom"));
        browser.press("Train step");
        browser.until("it is drawn", () -> browser.count(RESULT + " .link") == 32);
        assertThat(side(RESULT + " svg", "bottom")).isLessThan(height());
        browser.script("scrollTo(0, document.body.scrollHeight)");
        browser.until(
                "the button stays in sight",
                () -> side(TRAIN, "top") > 0 && side(TRAIN, "bottom") < height());
    }

    /// Chromium's windows are 500 pixels wide at least.
    @Test
    void onANarrowScreenTheResultStandsBelowTheButton() throws IOException {
        browser.resize(500, 844);
        openWine();
        assertThat(side(".source", "height")).as("data is one line").isLessThan(64);
        assertThat(side(RESULT, "top"))
                .isGreaterThan(side(TRAIN, "bottom"))
                .as("on the first screen")
                .isLessThan(height());
        browser.script("scrollTo(0, document.body.scrollHeight / 2)");
        browser.until(
                "the button stays in sight",
                () -> side(TRAIN, "top") > 0 && side(TRAIN, "bottom") < height());
    }

    @Test
    void theAxisIsLogarithmicWhereSizesDifferAHundredfold() throws IOException {
        openWine();
        browser.press("Train step");
        browser.until("it is drawn", () -> browser.count(RESULT + " .link") == 32);
        untilTheAxisIs("alcohol, value");
        browser.choose("channel", "12");
        untilTheAxisIs("proline, value (symmetric logarithm)");
        browser.press(RESULT, "Symmetric logarithm");
        untilTheAxisIs("proline, value");
    }

    private void untilTheAxisIs(String title) {
        browser.until(
                "the axis is " + title,
                () ->
                        title.equals(
                                browser.script(
                                        "return document.querySelector(arguments[0]).textContent",
                                        RESULT + " .axis-title")));
    }

    @Test
    void manyValuesAreCountedInBins() throws IOException {
        openWine();
        browser.fill("rows", "178");
        browser.until("there are no dots", () -> browser.count(RESULT + " circle") == 0);
        double counted =
                ((Number)
                                browser.script(
                                        """
                                        const bars = [...document.querySelectorAll(arguments[0] + ' .bin')];
                                        const most = Number(document.querySelector(arguments[0] + ' .count').textContent);
                                        const highest = Math.max(...bars.map(bar => Number(bar.getAttribute('height'))));
                                        return bars.reduce((sum, bar) => sum + Number(bar.getAttribute('height')) / highest * most, 0);
                                        """,
                                        RESULT))
                        .doubleValue();
        assertThat(Math.round(counted)).isEqualTo(178);
    }

    @Test
    void aDotTellsItsValues() throws IOException {
        openWine();
        browser.press("Train step");
        browser.until("it is drawn", () -> browser.count(RESULT + " .link") == 32);
        browser.script(
                """
                const dot = document.querySelector(arguments[0] + ' circle').getBoundingClientRect();
                document.querySelector(arguments[0] + ' svg').dispatchEvent(new PointerEvent('pointermove',
                    { clientX: dot.left + 4, clientY: dot.top + 4 }));
                """,
                RESULT);
        assertThat(browser.text(RESULT + " .tip")).matches("value \\d+: before [\\d.]+, after.*");
        assertThat(browser.count(RESULT + " .link.marked")).isEqualTo(1);
    }
}
