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
@Tag("browser")
@ExtendWith({ServiceUnderTest.Shared.class, BrowserSession.class})
class PlaygroundCompareTest {
    private final Client client;
    private final Browser browser;

    PlaygroundCompareTest(Client client, Browser browser) {
        this.client = client;
        this.browser = browser;
    }

    @Test
    void showsTheRunningStatisticsOfEveryConventionStepByStep() throws IOException {
        browser.open(client, "/#/compare").waitFor("h1", "Compare conventions");
        browser.choose("sample", "wine");
        browser.fill("rows", "178");
        browser.fill("steps", "3");
        browser.press("#main", "Run");
        browser.waitFor("#said", "The comparison is done.");
        String table = browser.text("[aria-label=Comparison] table");
        for (String convention :
                List.of("pytorch", "keras", "onnx", "deep-learning-from-scratch")) {
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
        assertThat(client.get("/layers?limit=1000").body()).doesNotContain("\"compare-");
    }

    private double cell(int step, int column) {
        Object text =
                browser.script(
                        """
                        const rows = document.querySelector('[aria-label=Comparison] table.numbers').tBodies[0].rows;
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
