package batchnorm.service.browser;

import static batchnorm.service.browser.PlaygroundTest.AS_SHOWN;
import static org.assertj.core.api.Assertions.assertThat;

import batchnorm.service.Answer;
import batchnorm.service.Client;
import batchnorm.service.ServiceUnderTest;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.stream.Collectors;
import java.util.zip.GZIPInputStream;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

/// Tests the comparison of several conventions on the same batches.
@Tag("slow")
@Tag("browser")
@ExtendWith({ServiceUnderTest.Shared.class, BrowserSession.class})
class PlaygroundCompareTest {
    private static final String LESSON = "[aria-label=Comparison] .callout";

    private final Client client;
    private final Browser browser;

    PlaygroundCompareTest(Client client, Browser browser) {
        this.client = client;
        this.browser = browser;
    }

    @Test
    void showsTheRunningStatisticsOfEveryConventionStepByStep() throws IOException {
        compareWine(178, 3);
        String table = browser.text("[aria-label=Comparison] table.errors");
        for (String convention :
                List.of("pytorch", "keras", "onnx · paddle · dl4j", "deep-learning-from-scratch")) {
            assertThat(table).contains(convention);
        }
        // Batches of all rows do not depend on the row order and can be checked with the API.
        int column = 1;
        for (String convention :
                List.of("pytorch", "keras", "onnx", "deep-learning-from-scratch")) {
            String path =
                    client.layer("\"convention\": \"%s\", \"features\": 13".formatted(convention));
            for (int step = 1; step <= 3; step++) {
                Answer trained = client.train(path, wine());
                assertThat(cell(step, column))
                        .as("%s, mean after step %d", convention, step)
                        .isCloseTo(trained.numbers("running_mean")[0], AS_SHOWN);
                assertThat(cell(step, column + 1))
                        .as("%s, variance after step %d", convention, step)
                        .isCloseTo(trained.numbers("running_var")[0], AS_SHOWN);
            }
            column += 2;
        }
    }

    @Test
    void storesNothing() throws IOException {
        String before = client.get("/layers?limit=1000").expect(200).body();
        open();
        browser.waitFor(LESSON, "After 40 steps"); // the comparison that the page begins with
        assertThat(client.get("/layers?limit=1000").body()).isEqualTo(before);
        List<?> requested =
                (List<?>)
                        browser.script(
                                """
                                return [...new Set(performance.getEntriesByType('resource')
                                    .map(({ name }) => new URL(name).pathname)
                                    .filter(path => path.startsWith('/api/')))];
                                """);
        assertThat(requested.stream().map(Object::toString))
                .as("stateless, with the scope infer")
                .containsOnly("/api/v1/explain", "/api/v1/conventions", "/api/v1/layers");
    }

    /// The root of the mean square, over all wines, of the difference of two inferences: with the
    /// running statistics, and with those of the data.
    @Test
    void theErrorOfInferenceIsWhatTheDifferenceCauses() throws IOException {
        compareWine(178, 3);
        for (String convention : List.of("pytorch", "deep-learning-from-scratch")) {
            String path =
                    client.layer("\"convention\": \"%s\", \"features\": 13".formatted(convention));
            for (int step = 1; step <= 3; step++) {
                client.train(path, wine());
            }
            double[] running = client.infer(path, wine()).numbers("output");
            // Training on all rows normalizes with the statistics of the data.
            double[] own = client.train(path, wine()).numbers("output");
            double squares = 0;
            int samples = 0;
            for (int i = 0; i < own.length; i += 13) {
                squares += Math.pow(running[i] - own[i], 2);
                samples++;
            }
            Object shown =
                    browser.script(
                            """
                            return [...document.querySelector('table.errors').tBodies[0].rows]
                                .find(row => row.cells[0].textContent.split(' · ').includes(arguments[0])).cells[1].textContent;
                            """,
                            convention);
            assertThat(Browser.shown(shown.toString()))
                    .as(convention)
                    .isCloseTo(Math.sqrt(squares / samples), AS_SHOWN);
        }
    }

    @Test
    void comparesOwnData() {
        open();
        browser.fill("steps", "7");
        browser.press(".source", "Data");
        browser.press("Or your own");
        browser.fill("data", "height,width\n1,7\n2,7\n4,7\n9,7");
        browser.press("Use these numbers");
        browser.waitFor("[aria-label=Comparison] h2", "Inference on height");
        browser.fill("rows", "2");
        browser.press("#main", "Run");
        browser.waitFor(LESSON, "After 7 steps, inference with the running statistics of");
        browser.choose("channel", "1");
        browser.waitFor(LESSON, "This channel is constant");
        assertThat(browser.text("[aria-label=Comparison]")).doesNotContain("NaN");
    }

    @Test
    void numbersOutOfRangeSayWhatWouldBeRight() {
        open();
        browser.fill("steps", "-5");
        browser.press("#main", "Run");
        browser.waitFor(
                ".field .problem", "Steps must be a whole number from 1 to 1,000; “-5” was given.");
        browser.fill("steps", "2");
        browser.fill("rows", "0");
        browser.press("#main", "Run");
        browser.waitFor(".field .problem", "Rows per batch must be a whole number from 2 to 569");
    }

    private void open() {
        browser.open(client, "/#/compare").waitFor("h1", "Compare conventions");
        browser.waitFor("[aria-label=Comparison] h2", "Inference on mean radius");
    }

    private void compareWine(int rows, int steps) {
        open();
        browser.fill("steps", Integer.toString(steps));
        browser.press(".source", "Data");
        browser.press("Wine");
        browser.waitFor("[aria-label=Comparison] h2", "Inference on alcohol");
        browser.fill("rows", Integer.toString(rows));
        browser.press("#main", "Run");
        browser.waitFor(LESSON, "After %d steps".formatted(steps));
    }

    private double cell(int step, int column) {
        Object text =
                browser.script(
                        """
                        const rows = document.querySelector('[aria-label=Comparison] table.steps').tBodies[0].rows;
                        return [...rows].find(row => row.cells[0].textContent === arguments[0]).cells[arguments[1]].textContent;
                        """,
                        Integer.toString(step),
                        column);
        return Browser.shown(text.toString());
    }

    private static String wine() throws IOException {
        try (InputStream file =
                new GZIPInputStream(
                        PlaygroundCompareTest.class.getResourceAsStream(
                                "/static/playground/samples/wine.csv.gz"))) {
            return new String(file.readAllBytes(), StandardCharsets.US_ASCII)
                    .lines()
                    .skip(1)
                    .collect(Collectors.joining("],[", "[[", "]]"));
        }
    }
}
