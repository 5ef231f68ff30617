package batchnorm.service.browser;

import static org.assertj.core.api.Assertions.assertThat;

import batchnorm.service.Client;
import batchnorm.service.ServiceUnderTest;
import java.io.IOException;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

/// Tests that the view of data through a layer loses nothing silently, and says what is wrong.
@Tag("slow")
@Tag("browser")
@ExtendWith({ServiceUnderTest.Shared.class, BrowserSession.class})
class PlaygroundDataTest {
    private static final String BATCH = "[[1, 2], [3, 4], [5, 6]]";

    private final Client client;
    private final Browser browser;

    PlaygroundDataTest(Client client, Browser browser) {
        this.client = client;
        this.browser = browser;
    }

    @Test
    void aFirstRowWithAGapIsNoHeader() throws IOException {
        browser.paste(client, client.layer(""), "1,,3\n4,5,6");
        browser.waitFor(".source .problem", "Line 1, column 2 is empty; write NaN");
        assertThat(browser.text(".loaded")).isEmpty();
    }

    @Test
    void aHeaderIsSaidToBeOne() throws IOException {
        browser.paste(client, client.layer(""), "height,width\n1,2\n3,4");
        browser.waitFor(".loaded", "Pasted numbers: 2 × 2, 4 numbers, FP64.");
        browser.waitFor(".loaded", "The first line names the columns.");
    }

    @Test
    void aColumnOfLabelsCanBeLeftOut() throws IOException {
        String path = client.layer("");
        browser.paste(client, path, "height,width,species\n1,2,setosa\n3,4,virginica\n5,6,setosa");
        browser.waitFor(".source .problem", "Column 3 (“species”) holds words, such as “setosa”");
        browser.press("Leave out column 3");
        browser.waitFor(".loaded", "Pasted numbers: 3 × 2, 6 numbers");
        browser.waitFor(".loaded", "Column 3 (“species”) is left out.");
        assertThat(browser.count(".source .problem, .source .offer")).isZero();
        browser.press("Train step");
        browser.waitFor("[aria-label='Training and inference']", "training");
        assertThat(client.get(path).numbers("running_mean")).hasSize(2);
    }

    @Test
    void aNewLayerKeepsThePastedData() throws IOException {
        client.delete("/layers/page.kept");
        browser.paste(client, client.layer("\"features\": 5"), BATCH);
        browser.waitFor(".misfit", "This layer has 5 channels, the data 2.");
        browser.press("Make a layer with 2");
        browser.waitFor("h1", "New layer");
        assertThat(browser.field("features").getDomProperty("value")).isEqualTo("2");
        browser.fill("name", "page.kept");
        browser.press("Create the layer");
        browser.waitFor("h1", "Try page.kept");
        browser.waitFor(".loaded", "Pasted numbers: 3 × 2");
        browser.press("Train step");
        browser.waitFor("[aria-label='Training and inference']", "training");
        assertThat(client.get("/layers/page.kept").field("num_batches_tracked").asInt()).isOne();
    }

    @Test
    void dataThatDoesNotFitALayerIsNotTakenUp() throws IOException {
        browser.paste(client, client.layer("\"features\": 2"), BATCH);
        browser.waitFor(".loaded", "Pasted numbers");
        browser.script(
                "location.hash = arguments[0]", "#" + client.layer("\"features\": 5") + "/try");
        browser.waitFor(".source summary", "Data");
        browser.until(
                "it is open, and empty",
                () ->
                        browser.count(".source[open] .loaded:empty") == 1
                                && browser.count("#main .problem, .misfit") == 0);
    }

    @Test
    void aRunOfNoStepsSaysWhatWouldBeRight() throws IOException {
        String path = client.layer("\"features\": 2");
        browser.paste(client, path, BATCH);
        browser.waitFor(".loaded", "Pasted numbers");
        for (String steps : new String[] {"0", "-5", "1.5", "10001"}) {
            browser.fill("steps", steps);
            browser.press(".controls", "Run");
            browser.waitFor(
                    ".field .problem",
                    "Steps of a run must be a whole number from 1 to 10,000; “%s” was given."
                            .formatted(steps));
            assertThat(browser.field("steps").getDomAttribute("aria-invalid")).isEqualTo("true");
        }
        assertThat(client.get(path).field("num_batches_tracked").asInt()).isZero();
        browser.fill("rows", "-5");
        browser.waitFor(
                ".field .problem", "Rows per batch must be a whole number from 1 to 3; “-5”");
        browser.fill("rows", "2");
        browser.until("no problem is left", () -> browser.count("#main .problem") == 0);
    }

    @Test
    void aResetCanBeUndone() throws IOException {
        String path = client.layer("\"features\": 2");
        for (int i = 0; i < 3; i++) {
            client.train(path, BATCH);
        }
        double[] before = client.get(path).numbers("running_var");
        browser.paste(client, path, BATCH);
        browser.waitFor(".loaded", "Pasted numbers");
        browser.press("Reset statistics");
        browser.waitFor(".controls .callout", "The running statistics are at their initial values");
        assertThat(client.get(path).field("num_batches_tracked").asInt()).isZero();
        browser.press("Undo");
        browser.until(
                "the offer is gone", () -> browser.count(".controls .callout:not([hidden])") == 0);
        browser.until(
                "the count is back",
                () -> {
                    try {
                        return client.get(path).field("num_batches_tracked").asInt() == 3;
                    } catch (IOException e) {
                        throw new java.io.UncheckedIOException(e);
                    }
                });
        assertThat(client.get(path).numbers("running_var")).isEqualTo(before);
    }

    @Test
    void theBatchIsDrawnBeforeTheFirstStep() throws IOException {
        browser.paste(client, client.layer("\"features\": 2"), BATCH);
        browser.waitFor(".loaded", "Pasted numbers");
        assertThat(browser.count("[aria-label='Before and after'] circle")).isEqualTo(3);
        assertThat(browser.number("Before and after", "before", "mean")).isEqualTo(3);
        browser.press("Train step");
        browser.until(
                "a line from each x to its y",
                () -> browser.count("[aria-label='Before and after'] .link") == 3);
    }
}
