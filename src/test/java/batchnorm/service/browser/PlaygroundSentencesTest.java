package batchnorm.service.browser;

import static batchnorm.service.browser.PlaygroundTest.AS_SHOWN;
import static org.assertj.core.api.Assertions.assertThat;

import batchnorm.service.Client;
import batchnorm.service.ServiceUnderTest;
import java.io.IOException;
import org.assertj.core.data.Percentage;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

/// Tests that the sentences of the page about a batch are true, also where a plausible one is not.
@Tag("slow")
@Tag("browser")
@ExtendWith({ServiceUnderTest.Shared.class, BrowserSession.class})
class PlaygroundSentencesTest {
    /// The gap is shown with four digits.
    private static final Percentage SHORT = Percentage.withPercentage(0.05);

    private static final String BATCH = "[[1, 2], [3, 4], [5, 6]]";
    private static final String MODES = "[aria-label='Training and inference']";
    private static final String LESSON = MODES + " .callout";

    private final Client client;
    private final Browser browser;

    PlaygroundSentencesTest(Client client, Browser browser) {
        this.client = client;
        this.browser = browser;
    }

    /// Opens the view of a layer with pasted numbers.
    private void open(String path, String numbers) {
        browser.paste(client, path, numbers);
        browser.waitFor(".loaded", "Pasted numbers");
    }

    private void run(int steps) {
        browser.fill("steps", Integer.toString(steps));
        browser.press("Run " + steps + " steps");
        browser.waitFor("#said", steps + " steps done.");
    }

    private void cause(String cause) {
        browser.until(
                "the cause is " + cause,
                () -> browser.count(LESSON + "[data-cause='" + cause + "']") == 1);
    }

    private double gap() {
        return Browser.shown(browser.text(MODES + " .gap"));
    }

    /// Returns the largest difference of channel 0 between both modes, by the API.
    private double gapOf(String path) throws IOException {
        double[] trained = client.train(client.layer("\"features\": 2"), BATCH).numbers("output");
        double[] inferred = client.infer(path, BATCH).numbers("output");
        double largest = 0;
        for (int i = 0; i < trained.length; i += 2) {
            largest = Math.max(largest, Math.abs(trained[i] - inferred[i]));
        }
        return largest;
    }

    @Test
    void initialValuesAreTheCauseAfterOneStep() throws IOException {
        String path = client.layer("\"features\": 2");
        open(path, BATCH);
        browser.press("Train step");
        cause("initial");
        browser.waitFor(LESSON, "The layer has counted 1 batch, and its running statistics");
        browser.waitFor(LESSON, "still hold 90 % of the initial mean 0 and variance 1.");
        assertThat(gap()).isCloseTo(gapOf(path), SHORT);
    }

    @Test
    void aBatchOfTwoSaysNothingOfAgreement() throws IOException {
        open(client.layer("\"features\": 2"), "1,2\n3,4\n5,6\n9,1\n0,7\n4,4\n8,3\n2,2");
        browser.fill("rows", "2");
        run(60);
        cause("few");
        browser.waitFor(LESSON, "any two different values into nearly −1 and +1");
        assertThat(gap()).isPositive();
    }

    @Test
    void aConstantChannelSaysNothingOfAgreement() throws IOException {
        open(client.layer("\"features\": 2, \"beta\": [0.5, 0]"), "7,2\n7,4\n7,6");
        run(120);
        cause("constant");
        browser.waitFor(LESSON, "All 3 values of this channel are 7. Training returns β, 0.5");
        browser.choose("channel", "1");
        cause("arrived");
        browser.waitFor(LESSON, "m/(m−1) = 1.5 times");
    }

    @Test
    void withoutRunningStatisticsThereIsNothingToApproach() throws IOException {
        open(client.layer("\"convention\": \"pure-python\", \"features\": 2"), BATCH);
        browser.press("Train step");
        cause("untracked");
        browser.waitFor(LESSON, "This layer keeps no running statistics");
        assertThat(gap()).isZero();
        assertThat(browser.count("[aria-label=Convergence]:not([hidden])")).isZero();
    }

    @Test
    void frozenStatisticsDoNotApproachTheBatch() throws IOException {
        open(client.layer("\"features\": 2, \"freeze_statistics\": true"), BATCH);
        run(3);
        cause("frozen");
    }

    @Test
    void dataOfAnotherKindIsNotCalledChance() throws IOException {
        String path = client.layer("\"features\": 1");
        for (int i = 0; i < 60; i++) {
            client.train(path, "[[1], [2], [3], [4]]");
        }
        open(path, "101\n102\n103\n104\n105\n106\n107\n108\n109\n110\n111\n112");
        browser.press("Infer");
        browser.press("Train step");
        cause("moved");
    }

    @Test
    void aRunComparesTheModesWhenItEndsAlsoWhenCancelled() throws IOException {
        String path = client.layer("\"features\": 2, \"momentum\": 0.001");
        open(path, BATCH);
        browser.press("Train step");
        cause("initial");
        browser.fill("steps", "10000");
        browser.press("Run 10,000 steps");
        browser.until("it is on its way", () -> browser.progress() >= 5);
        cause("running");
        assertThat(browser.text(MODES + " .gap")).as("no gap of before the run").isEmpty();
        assertThat(browser.count(".presses .primary:disabled")).isOne();
        browser.press("Cancel");
        cause("initial");
        assertThat(browser.count(".presses .primary:disabled")).isZero();
        int counted = client.get(path).field("num_batches_tracked").asInt();
        assertThat(counted).isBetween(6, 9_999);
        browser.waitFor(LESSON, "The layer has counted %d batches".formatted(counted));
        assertThat(gap()).isCloseTo(gapOf(path), SHORT);
    }

    @Test
    void aRevisitCountsTheBatchesOfBefore() throws IOException {
        String path = client.layer("\"features\": 2");
        for (int i = 0; i < 9; i++) {
            client.train(path, BATCH);
        }
        open(path, BATCH);
        browser.press("Train step");
        cause("initial");
        browser.waitFor(LESSON, "The layer has counted 10 batches");
        browser.waitFor(LESSON, "still hold 34.9 % of the initial mean");
        browser.waitFor(
                "[aria-label=Convergence] .callout",
                "counted 10 batches (9 before these curves begin)");
        browser.waitFor("[aria-label=Convergence] .callout", "the first batch still count 34.9 %");
    }

    @Test
    void roundingNoiseIsShownAs0WithANote() throws IOException {
        open(client.layer("\"features\": 1"), "0.1\n0.2\n0.4\n0.9\n1.3\n2.7\n3.1");
        browser.press("Train step");
        cause("initial");
        for (String section : new String[] {"Before and after", "Training and inference"}) {
            String row = section.startsWith("Before") ? "after" : "training";
            assertThat(browser.number(section, row, "mean")).as(section).isZero();
            String noise = "[aria-label='" + section + "'] .noise";
            assertThat(browser.script("return document.querySelector(arguments[0])?.title", noise))
                    .as(section)
                    .asString()
                    .contains("e−", "rounding noise");
            browser.waitFor("[aria-label='" + section + "'] .note", "0 stands for rounding noise");
            assertThat(browser.text("[aria-label='" + section + "'] .picture"))
                    .contains("mean 0,")
                    .doesNotContain("e−1");
        }
        assertThat(browser.number("Before and after", "before", "mean"))
                .isCloseTo(8.7 / 7, AS_SHOWN);
    }

    @Test
    void aGradientOfOnesReachesBetaAlone() throws IOException {
        open(client.layer("\"features\": 2"), "0.1,100\n0.2,300\n0.4,900\n0.9,100.3");
        browser.press("Train step");
        cause("initial");
        browser.choose("gradient", "ones");
        browser.press("Backward");
        browser.waitFor(
                "[aria-label=Gradients] .chart:first-child figcaption",
                "grad_gamma all 0, grad_beta all 4");
        browser.waitFor("[aria-label=Gradients] .chart:last-child figcaption", "all 0");
        String channel = "channel 0";
        assertThat(browser.number("Gradients", channel, "grad_gamma")).isZero();
        assertThat(browser.number("Gradients", channel, "grad_beta")).isEqualTo(4);
        assertThat(browser.number("Gradients", channel, "grad_input, rms")).isZero();
        browser.waitFor("[aria-label=Gradients] .callout", "The sum of a channel's outputs is m·β");
    }

    @Test
    void aGradientThatEpsilonKeepsFrom0IsNotCalledNoise() throws IOException {
        open(client.layer("\"features\": 2"), "0.1,100\n0.2,300\n0.4,900\n0.9,100.3");
        browser.press("Train step");
        cause("initial");
        browser.choose("gradient", "output");
        browser.press("Backward");
        browser.waitFor("[aria-label=Gradients] .callout", "only ε keeps it from being exactly 0");
        assertThat(browser.number("Gradients", "channel 0", "grad_input, rms")).isPositive();
    }

    @Test
    void aNewLayerIsNoError() throws IOException {
        String path = client.layer("\"features\": 2");
        browser.open(client, "/#" + path).waitFor("[aria-label=Health]", "No batch has been");
        assertThat(browser.count("[aria-label=Health] .warnings")).isZero();
        assertThat(browser.count("#main .problem")).isZero();
    }

    @Test
    void afterAResetThereIsNoDriftOfBefore() throws IOException {
        String path = client.layer("\"features\": 2");
        client.train(path, BATCH);
        browser.open(client, "/#" + path).waitFor("[aria-label=Health]", "drift of the last batch");
        client.post(path + "/reset", "").expect(200);
        browser.waitFor("[aria-label=Health]", "No batch has been counted");
        assertThat(browser.text("[aria-label=Health]")).doesNotContain("drift");
    }

    /// The first pixel of every digit is 0: 100 steps leave 0.9¹⁰⁰ = 2.7e-5 of its variance, and
    /// gradients are multiplied by 1/√ε = 316.
    @Test
    void aPixelThatNeverChangesIsTheLessonOnEpsilon() throws IOException {
        String path = client.layer("\"features\": 64");
        browser.open(client, "/#" + path + "/try?sample=digits").waitFor(".loaded", "1797 × 64");
        run(100);
        browser.choose("channel", "0");
        cause("constant");
        browser.press("Backward");
        browser.waitFor("[data-lesson=epsilon]", "does not vary in this batch");
        browser.waitFor("[data-lesson=epsilon]", "here 316.2");
        browser.open(client, "/#" + path)
                .waitFor("[aria-label=Health] .warnings", "less than ten times epsilon");
        browser.waitFor("[aria-label=Health] .warnings", "multiplied by up to 316");
    }
}
