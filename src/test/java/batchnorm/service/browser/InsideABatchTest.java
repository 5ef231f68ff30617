package batchnorm.service.browser;

import static org.assertj.core.api.Assertions.assertThat;

import batchnorm.service.Answer;
import batchnorm.service.Client;
import batchnorm.service.ServiceUnderTest;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.List;
import org.assertj.core.data.Percentage;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.openqa.selenium.Keys;
import tools.jackson.databind.JsonNode;

/// The landing view: a small batch, and every number of its forward and backward pass.
@Tag("slow")
@Tag("browser")
@ExtendWith({ServiceUnderTest.Shared.class, BrowserSession.class})
class InsideABatchTest {
    /// Cells show three digits, and hold the whole number.
    private static final Percentage TO_THE_BIT = Percentage.withPercentage(1e-13);

    private static final String BATCH = "[[1, 2], [3, 4], [5, 9]]";
    private static final String GRADIENT = "[[0.5, 1], [0, -1], [0.25, 2]]";
    private static final String LINK = "/#/?x=1,2;3,4;5,9&dy=0.5,1;0,-1;0.25,2&gamma=2&beta=-1";

    private final Client client;
    private final Browser browser;
    private String before = "";

    InsideABatchTest(Client client, Browser browser) {
        this.client = client;
        this.browser = browser;
    }

    @BeforeEach
    void remember() throws IOException {
        before = client.get("/layers?limit=1000").expect(200).body();
    }

    @AfterEach
    void nothingIsStored() throws IOException {
        browser.resize(1280, 1000);
        assertThat(client.get("/layers?limit=1000").expect(200).body())
                .as("the layers, as before")
                .isEqualTo(before);
    }

    @Test
    void showsEveryNumberThatTheServiceComputes() throws IOException {
        Answer explanation =
                client.post(
                                "/explain",
                                "{\"input\": %s, \"grad_output\": %s, \"gamma\": [2, 2], \"beta\": [-1, -1]}"
                                        .formatted(BATCH, GRADIENT))
                        .expect(200);
        open(LINK);
        for (String step : List.of("centered", "xhat", "output", "dx")) {
            JsonNode value = value(explanation, step);
            for (int row = 0; row < 3; row++) {
                for (int channel = 0; channel < 2; channel++) {
                    double wanted = value.get(row).get(channel).asDouble();
                    assertThat(number(step, row, channel))
                            .as("%s[%d][%d]", step, row, channel)
                            .isCloseTo(wanted, TO_THE_BIT);
                }
            }
        }
        for (String step : List.of("mean", "var", "std", "dbeta", "dgamma")) {
            for (int channel = 0; channel < 2; channel++) {
                assertThat(number(step, null, channel))
                        .as("%s[%d]", step, channel)
                        .isCloseTo(value(explanation, step).get(channel).asDouble(), TO_THE_BIT);
            }
        }
    }

    @Test
    void followsWhatIsTyped() {
        open(LINK);
        browser.type(cell("input", 0, 0) + " input", "4");
        browser.until("the mean moves", () -> number("mean", null, 0) == 4);
        browser.type(cell("grad_output", 0, 1) + " input", "3");
        browser.until("the gradient of beta moves", () -> number("dbeta", null, 1) == 4);
    }

    @Test
    void aSampleFollowsItsDot() {
        open(LINK);
        browser.drag(".strip circle.from", 60);
        browser.until("x moves", () -> number("input", 0, 0) > 1.5);
        browser.until("so does the mean", () -> number("mean", null, 0) > 3.1);
        browser.until("the link follows", () -> !hash().contains("x=1,2"));
    }

    @Test
    void marksWhatANumberWasComputedFrom() {
        open(LINK);
        focus("output", 1, 0);
        assertThat(marked("from"))
                .containsExactlyInAnyOrder(
                        "xhat/1/0", "gamma/undefined/undefined", "beta/undefined/undefined");
        assertThat(marked("via")).contains("input/0/0", "input/1/0", "input/2/0", "mean//0");
        assertThat(marked("via")).noneMatch(address -> address.endsWith("/1"));
        browser.waitFor("[data-readout]", "y [sample 1, channel 0] = 2 · 0 + (−1) = −1");
        browser.waitFor("#said", "y [sample 1, channel 0]");
    }

    @Test
    void inInferenceANumberComesFromItsOwnSampleAlone() {
        open(LINK + "&mode=infer");
        focus("dx", 1, 0);
        assertThat(marked("from"))
                .containsExactlyInAnyOrder(
                        "grad_output/1/0", "std//0", "gamma/undefined/undefined");
        assertThat(marked("via")).noneMatch(address -> address.startsWith("input/"));
    }

    @Test
    void theArrowKeysMoveAmongNumbers() {
        open(LINK);
        focus("output", 0, 0);
        browser.keys(Keys.ARROW_DOWN);
        browser.keys(Keys.ARROW_RIGHT);
        browser.waitFor("[data-readout]", "y [sample 1, channel 1]");
    }

    @Test
    void aLinkShowsTheSameAgain() {
        open(LINK);
        browser.type(cell("input", 2, 1) + " input", "40");
        browser.script("document.querySelector('[name=mode][value=infer]').click()");
        browser.press("Train step");
        browser.until(
                "the link follows", () -> hash().contains("steps=1") && hash().contains("40"));
        browser.until("it is computed", () -> number("mean", null, 1) > 1);
        double output = number("output", 2, 1);
        browser.reload();
        browser.until("it is drawn", () -> browser.count("[data-ready]") > 0);
        assertThat(number("output", 2, 1)).isEqualTo(output);
        assertThat(number("input", 2, 1)).isEqualTo(40);
        browser.waitFor(
                "[data-running]", "1 step: the initial mean 0 and variance 1 still weigh 90 %");
    }

    @Test
    void tenMoreOnOneSampleMovesAllOtherOutputs() {
        open(LINK);
        double other = number("output", 1, 0);
        browser.press("+10 on one sample");
        browser.waitFor("[data-moved]", "all 4 outputs of other samples moved");
        assertThat(number("input", 0, 0)).isEqualTo(11);
        assertThat(number("output", 1, 0)).isNotEqualTo(other);
        browser.waitFor(cell("output", 1, 0), "was −1");
        browser.script("document.querySelector('[name=mode][value=infer]').click()");
        browser.waitFor("[data-moved]", "no output of other samples moved");
    }

    @Test
    void theGapBetweenTheModesShrinksStepByStep() {
        open(LINK);
        double first = gap();
        browser.press("Train step");
        browser.waitFor("[data-running]", "1 step:");
        browser.until("the gap shrinks", () -> gap() < first);
        browser.press("20 steps");
        browser.waitFor("[data-running]", "21 steps:");
        browser.until("it shrinks further", () -> gap() < first / 2);
    }

    @Test
    void checksTheBackwardPass() {
        open(LINK);
        browser.press("Check my backward");
        browser.waitFor("[data-checks]", "✓ dx 6 numbers");
        browser.waitFor("[data-checks]", "✓ dγ 2 numbers");
        browser.waitFor("[data-checks]", "✓ dβ 2 numbers");
        assertThat(browser.count("[data-checks] .differs")).isZero();
    }

    @Test
    void copiesAProgramThatComputesTheSame() throws Exception {
        open(LINK);
        for (String language : List.of("PyTorch", "NumPy", "curl")) {
            browser.press("Copy as " + language);
            browser.until(
                    "it is shown",
                    () -> browser.count(".code[data-language=" + language + "]") > 0);
            assertThat(browser.text(".tools .code")).as(language).contains("[5,");
        }
        Process curl =
                new ProcessBuilder("bash", "-euo", "pipefail", "-c", browser.text(".tools .code"))
                        .redirectErrorStream(true)
                        .start();
        curl.getOutputStream().close();
        String printed = new String(curl.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        assertThat(curl.waitFor()).as(printed).isZero();
        JsonNode dx = step(Answer.JSON.readTree(printed).get("steps"), "dx");
        assertThat(number("dx", 2, 1)).isEqualTo(dx.get(2).get(1).asDouble());
    }

    @Test
    void roundingNoiseIsShownAsZeroWithANote() {
        open("/#/?x=0.1,1;0.2,2;0.4,4&dy=1,1;1,1;1,1");
        for (int row = 0; row < 3; row++) {
            assertThat(browser.text(cell("dx", row, 0))).isEqualTo("0");
        }
        assertThat(number("dx", 0, 0)).as("the number itself").isNotZero();
        browser.waitFor("[data-panel=dx]", "0 stands for rounding noise");
    }

    @Test
    void aBatchOfOneIsExplainedAndNotRefused() {
        open("/#/?x=3,7&beta=0.5");
        browser.waitFor("[data-moved]", "A batch of one is its own mean");
        assertThat(number("output", 0, 1)).isEqualTo(0.5);
    }

    @Test
    void holdsUpToSixtyFourRowsAndSixChannels() {
        open("/#/?n=64&c=6");
        browser.waitFor("[data-panel=input]", "and 48 more rows, which count too");
        assertThat(browser.count("[data-table=output] tbody tr")).isEqualTo(16);
        assertThat(browser.count("[data-table=mean] tbody td")).isEqualTo(6);
    }

    @Test
    void takesRowsOfASampleDataSet() {
        open("/");
        browser.choose("source", "wine");
        browser.until("the batch is wine", () -> number("input", 0, 0) > 10);
        browser.until("its mean is computed", () -> number("mean", null, 0) > 10);
    }

    @Test
    void fitsOnAPhoneWithSixChannels() {
        browser.resize(500, 900);
        open("/#/?n=16&c=6");
        assertThat(
                        (Boolean)
                                browser.script(
                                        "return document.documentElement.scrollWidth <= document.documentElement.clientWidth"))
                .as("needs no scrolling sideways")
                .isTrue();
    }

    private void open(String link) {
        browser.open(client, link);
        browser.until("it is drawn", () -> browser.count("[data-ready]") > 0);
    }

    private String hash() {
        return browser.script("return location.hash").toString();
    }

    private double gap() {
        return Browser.shown(browser.text("[data-gap]"));
    }

    private static String cell(String step, @Nullable Integer row, int channel) {
        return ".cell[data-step=%s][data-row='%s'][data-channel='%d']"
                .formatted(step, row == null ? "" : row, channel);
    }

    private double number(String step, @Nullable Integer row, int channel) {
        return Double.parseDouble(
                browser.script(
                                "return document.querySelector(arguments[0]).dataset.value",
                                cell(step, row, channel))
                        .toString());
    }

    private void focus(String step, int row, int channel) {
        browser.script("document.querySelector(arguments[0]).focus()", cell(step, row, channel));
    }

    @SuppressWarnings("unchecked") // an array of texts
    private List<String> marked(String how) {
        return (List<String>)
                browser.script(
                        """
                        return [...document.querySelectorAll(`.inside [data-step].${arguments[0]}`)]
                            .map(({ dataset }) => `${dataset.step}/${dataset.row}/${dataset.channel}`);
                        """,
                        how);
    }

    private static JsonNode value(Answer explanation, String name) {
        return step(explanation.field("steps"), name);
    }

    private static JsonNode step(JsonNode steps, String name) {
        return steps.valueStream()
                .filter(step -> step.get("name").stringValue().equals(name))
                .findFirst()
                .orElseThrow()
                .get("value");
    }
}
