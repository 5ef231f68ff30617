package batchnorm.service.browser;

import static batchnorm.service.browser.PlaygroundTest.AS_SHOWN;
import static org.assertj.core.api.Assertions.assertThat;

import batchnorm.service.Answer;
import batchnorm.service.Client;
import batchnorm.service.ServiceUnderTest;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import org.assertj.core.data.Offset;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

/// Tests passes on the page: the page shows the results of the API.
@Tag("slow")
@Tag("browser")
@ExtendWith({ServiceUnderTest.Shared.class, BrowserSession.class})
class PlaygroundTryTest {
    /// Tolerance of the six displayed digits, near zero.
    private static final Offset<Double> NOTHING = Offset.offset(1e-9);

    private static final String BATCH = "[[1, 2], [3, 4], [5, 6]]";
    private static final String BEFORE_AND_AFTER = "Before and after";
    private static final String MODES = "Training and inference";

    private final Client client;
    private final Browser browser;

    PlaygroundTryTest(Client client, Browser browser) {
        this.client = client;
        this.browser = browser;
    }

    /// Opens a new layer with pasted numbers.
    private String tryWith(String fields, String numbers) throws IOException {
        String path = client.layer(fields);
        browser.paste(client, path, numbers);
        browser.waitFor(".loaded", "Pasted numbers");
        return path;
    }

    private double shown(String section, String row, String column) {
        return browser.number(section, row, column);
    }

    @Test
    void aTrainStepShowsBothModesOfTheSameBatch() throws IOException {
        String path = tryWith("\"features\": 2", BATCH);
        browser.press("Train step");
        browser.waitFor("[aria-label='" + MODES + "']", "The layer has counted 1 batch");
        assertThat(client.get(path).field("num_batches_tracked").asInt()).isEqualTo(1);
        assertThat(shown(BEFORE_AND_AFTER, "before", "mean")).isEqualTo(3, NOTHING);
        assertThat(shown(BEFORE_AND_AFTER, "after", "mean")).isEqualTo(0, NOTHING);
        assertThat(shown(MODES, "training", "largest")).isCloseTo(1.2247425750014138, AS_SHOWN);
        double[] inferred = client.infer(path, BATCH).numbers("output");
        assertThat(shown(MODES, "inference", "smallest")).isCloseTo(inferred[0], AS_SHOWN);
        assertThat(shown(MODES, "inference", "largest")).isCloseTo(inferred[4], AS_SHOWN);
        browser.choose("channel", "1");
        browser.until(
                "the other channel is shown", () -> shown(BEFORE_AND_AFTER, "before", "mean") == 4);
    }

    @Test
    void inferenceAloneChangesNothing() throws IOException {
        String path = tryWith("\"features\": 2", "1,2\n3,4\n5,6\n");
        String before = client.get(path).body();
        browser.press("Infer");
        browser.waitFor("[aria-label='" + BEFORE_AND_AFTER + "']", "after inference");
        assertThat(client.get(path).body()).isEqualTo(before);
        double[] inferred = client.infer(path, BATCH).numbers("output");
        assertThat(shown(BEFORE_AND_AFTER, "after", "largest")).isCloseTo(inferred[4], AS_SHOWN);
    }

    @Test
    void backwardShowsTheGradientsOfTheLastStep() throws IOException {
        String path = tryWith("\"features\": 2, \"gamma\": [2, 3]", BATCH);
        browser.press("Train step");
        browser.waitFor("[aria-label='" + MODES + "']", "training");
        browser.choose("gradient", "output");
        browser.press("Backward");
        browser.waitFor("[aria-label=Gradients]", "root mean square");
        double[] output = client.train(path, BATCH).numbers("output");
        Answer gradients =
                client.post(
                                path + "/backward",
                                "{\"input\": %s, \"grad_output\": {\"shape\": [3, 2], \"data\": %s}}"
                                        .formatted(BATCH, java.util.Arrays.toString(output)))
                        .expect(200);
        assertThat(shown("Gradients", "channel 0", "grad_gamma"))
                .isCloseTo(gradients.numbers("grad_gamma")[0], AS_SHOWN);
        assertThat(shown("Gradients", "channel 0", "grad_beta")).isEqualTo(0, NOTHING);
        assertThat(shown("Gradients", "channel 0", "grad_output, rms"))
                .isCloseTo(2 * 1.2247425750014138 * Math.sqrt(2 / 3.0), AS_SHOWN);
        double[] input = gradients.numbers("grad_input");
        assertThat(shown("Gradients", "channel 0", "grad_input, rms"))
                .isCloseTo(
                        Math.sqrt(
                                (input[0] * input[0] + input[2] * input[2] + input[4] * input[4])
                                        / 3),
                        AS_SHOWN);
    }

    @Test
    void aHundredStepsConvergeOnThePopulation() throws IOException {
        String path = client.layer("\"features\": 30");
        browser.open(client, "/#" + path + "/try?sample=breast-cancer")
                .waitFor(".loaded", "569 × 30");
        browser.press("Run 100 steps");
        browser.waitFor("#said", "100 steps done.");
        Answer layer = client.get(path).expect(200);
        assertThat(layer.field("num_batches_tracked").asInt()).isEqualTo(100);
        // 14.1273 is the mean of "mean radius" over all 569 rows, as the data set's description has
        // it.
        browser.waitFor("[aria-label=Convergence]", "population 14.1273");
        String words = browser.text("[aria-label=Convergence] .chart .hint");
        assertThat(Browser.shown(words.replaceAll("now (\\S+), .*", "$1")))
                .isCloseTo(layer.numbers("running_mean")[0], AS_SHOWN)
                .isCloseTo(14.1273, Offset.offset(0.5));
        browser.waitFor("[aria-label='" + MODES + "']", "That is the chance of one batch");
    }

    @Test
    void aLongRunCanBeCancelled() throws IOException {
        String path = client.layer("\"features\": 13");
        browser.open(client, "/#" + path + "/try?sample=wine").waitFor(".loaded", "178 × 13");
        browser.fill("steps", "10000");
        browser.press("Run 10,000 steps");
        browser.until("it is on its way", () -> browser.progress() >= 5);
        browser.press("Cancel");
        browser.until("it has ended", () -> browser.count(".progress:not([hidden])") == 0);
        assertThat(client.get(path).field("num_batches_tracked").asInt()).isBetween(5, 9_999);
        browser.press("Train step");
        browser.waitFor("[aria-label='" + MODES + "']", "training");
    }

    @Test
    void digitsAreImagesBeforeAndAfter() throws IOException {
        String path = client.layer("\"features\": 64");
        browser.open(client, "/#" + path + "/try?sample=digits").waitFor(".loaded", "1797 × 64");
        browser.press("Train step");
        browser.waitFor("[aria-label=Images]", "after, inference");
        assertThat(browser.text("[aria-label=Images]")).contains("black 0, white 16");
        // Eight columns and four rows of 8×8 images, a pixel apart; strokes are white, paper is
        // black.
        assertThat(
                        browser.script(
                                """
                                return [...document.querySelectorAll('.tile canvas')].map(canvas => {
                                    const { data } = canvas.getContext('2d').getImageData(0, 0, 71, 35);
                                    const greys = data.filter((_, i) => i % 4 === 0);
                                    return `${canvas.width}×${canvas.height} ${Math.min(...greys)} ${Math.max(...greys)}`;
                                }).join();
                                """))
                .isEqualTo("71×35 0 255,71×35 0 255,71×35 0 255");
    }

    @Test
    void aMillionNumbersFromAFileGoThrough() throws IOException {
        String path = client.layer("");
        ByteBuffer npy = ByteBuffer.allocate(128 + 8_000_000).order(ByteOrder.LITTLE_ENDIAN);
        String header = "{'descr': '<f8', 'fortran_order': False, 'shape': (1000, 1000), }";
        npy.put(new byte[] {(byte) 0x93, 'N', 'U', 'M', 'P', 'Y', 1, 0, 118, 0});
        npy.put(
                (header + " ".repeat(117 - header.length()) + "\n")
                        .getBytes(StandardCharsets.US_ASCII));
        for (int i = 0; i < 1_000_000; i++) {
            npy.putDouble(i % 1000 + i / 1000);
        }
        Path file = Files.write(browser.downloads().resolve("million.npy"), npy.array());
        browser.open(client, "/#" + path + "/try").waitFor("h1", "Try layer-");
        browser.attach(file);
        browser.waitFor(".loaded", "million.npy: 1000 × 1000, 1,000,000 numbers, FP64");
        browser.fill("rows", "1000");
        browser.press("Train step");
        browser.waitFor("[aria-label='" + MODES + "']", "training");
        // Column 0 holds 0 to 999: its mean is 499.5, and a tenth of that is kept.
        assertThat(client.get(path).numbers("running_mean")[0]).isEqualTo(49.95, NOTHING);
        assertThat(shown(BEFORE_AND_AFTER, "before", "mean")).isCloseTo(499.5, AS_SHOWN);
    }

    @Test
    void dataThatDoesNotFitIsExplained() throws IOException {
        browser.allow("status of 422");
        String path = tryWith("\"features\": 5", BATCH);
        browser.waitFor(".misfit", "This layer has 5 channels, the data 2.");
        browser.press("Train step");
        String refusal =
                client.post(path + "/forward-train", "{\"input\": " + BATCH + "}").detail();
        browser.waitFor(".controls .problem", refusal.substring(1));
    }
}
