package batchnorm.service.browser;

import static org.assertj.core.api.Assertions.assertThat;

import batchnorm.service.Client;
import batchnorm.service.ServiceUnderTest;
import java.io.IOException;
import java.io.InputStream;
import java.net.URI;
import java.net.URISyntaxException;
import java.net.URL;
import java.net.URLConnection;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Objects;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.openqa.selenium.Keys;

/// Tests the view of a layer, the list of layers, and the import of a checkpoint.
@Tag("slow")
@Tag("browser")
@ExtendWith({ServiceUnderTest.Shared.class, BrowserSession.class})
class PlaygroundLayerTest {
    private final Client client;
    private final Browser browser;

    PlaygroundLayerTest(Client client, Browser browser) {
        this.client = client;
        this.browser = browser;
    }

    @AfterEach
    void asItWas() {
        browser.emulateNothing();
        browser.resize(1280, 1000);
    }

    @Test
    void showsHealthFirstAndTheChartsInAnEvenGrid() throws IOException {
        String path = client.layer("\"features\": 3");
        client.train(path, "[[1, 2, 3], [4, 5, 7]]");
        browser.open(client, "/#" + path).waitFor("[aria-label=Health]", "90 %");
        browser.until("four charts", () -> browser.count(".plot canvas") == 4);
        for (int width : new int[] {1024, 1440}) {
            browser.resize(width, 900);
            assertThat(browser.script(PLACES)).as("at %d", width).isEqualTo(List.of(2L, 2L, 1L));
        }
    }

    /// Returns the number of columns, rows and widths of the charts, or a complaint about Health.
    private static final String PLACES =
            """
            const charts = [...document.querySelectorAll('#main .chart')].map(chart => chart.getBoundingClientRect());
            const health = document.querySelector('[aria-label=Health]').getBoundingClientRect();
            if (charts.some(({ top }) => top < health.bottom)) return 'a chart is above Health';
            const different = key => new Set(charts.map(chart => Math.round(chart[key]))).size;
            return [different('left'), different('top'), different('width')];
            """;

    @Test
    void drawsTheChartsOnLogarithmicAxes() throws IOException {
        String path = client.layer("\"features\": 3, \"gamma\": [0.001, 1, -1000]");
        browser.open(client, "/#" + path).waitFor("#batches", "0 batches");
        browser.until("four charts", () -> browser.count(".plot canvas") == 4);
        String linear = firstChart();
        browser.press("Logarithmic axes");
        browser.until("it is drawn anew", () -> !firstChart().equals(linear));
        assertThat(browser.count(".plot canvas")).isEqualTo(4);
        browser.press("Logarithmic axes");
        browser.until("it is linear again", () -> firstChart().equals(linear));
    }

    @Test
    void barsFollowTheTheme() throws IOException {
        browser.allow("willReadFrequently"); // of reading the pixels
        String path = client.layer("\"features\": 3, \"gamma\": [0.5, 1, 2]");
        browser.emulate(1280, 900, "light");
        browser.open(client, "/#" + path).waitFor("#batches", "0 batches");
        browser.until("four charts", () -> browser.count(".plot canvas") == 4);
        browser.until("bars are drawn", () -> !colourOfBars().isEmpty());
        String light = colourOfBars();
        browser.emulate(1280, 900, "dark");
        browser.until("they have another colour", () -> !colourOfBars().equals(light));
        String changed = colourOfBars();
        browser.reload();
        browser.until("four charts", () -> browser.count(".plot canvas") == 4);
        browser.until(
                "it is the colour of a page that began dark", () -> colourOfBars().equals(changed));
    }

    /// Returns the most frequent colour of the first chart, or "" before it is drawn.
    private String colourOfBars() {
        return browser.script(
                        """
                        const canvas = document.querySelector('.plot canvas');
                        if (!canvas) return '';
                        const pixels = new Uint32Array(
                            canvas.getContext('2d').getImageData(0, 0, canvas.width, canvas.height).data.buffer);
                        const counts = new Map();
                        for (const pixel of pixels) if (pixel !== 0) counts.set(pixel, (counts.get(pixel) ?? 0) + 1);
                        return String([...counts].sort(([, one], [, other]) => other - one)[0]?.[0] ?? '');
                        """)
                .toString();
    }

    private String firstChart() {
        return String.valueOf(
                browser.script("return document.querySelector('.plot canvas')?.toDataURL()"));
    }

    @Test
    void editsGammaAndBetaByChannel() throws IOException {
        String path = client.layer("\"features\": 3, \"gamma\": [1, 2, 3]");
        browser.open(client, "/#" + path).waitFor("#batches", "0 batches");
        browser.press("The same as numbers");
        browser.press("Edit gamma and beta");
        browser.fill("gamma[1]", "0.1");
        browser.fill("beta[2]", "-4");
        client.train(path, "[[1, 2, 3], [4, 5, 7]]");
        browser.waitFor("#batches", "1 batch");
        assertThat(browser.field("gamma[1]").getDomProperty("value")).isEqualTo("0.1");
        browser.press("Save 2 changes");
        browser.waitFor("#said", "Saved as version 3.");
        assertThat(client.get(path).numbers("gamma")).containsExactly(1, 0.1, 3);
        assertThat(client.get(path).numbers("beta")).containsExactly(0, 0, -4);
        assertThat(browser.number("The same as numbers", "1", "gamma")).isEqualTo(0.1);
    }

    @Test
    void reportsANumberThatIsNoneAtItsField() throws IOException {
        browser.allow("status of 4");
        String path = client.layer("\"features\": 2");
        browser.open(client, "/#" + path).waitFor("#batches", "0 batches");
        browser.press("The same as numbers");
        browser.press("Edit gamma and beta");
        browser.fill("gamma[1]", "x");
        browser.press("Save 1 change");
        browser.until("it is reported", () -> browser.count("details .problem") == 1);
        assertThat(client.get(path).numbers("gamma")).containsOnly(1);
    }

    @Test
    void changesEpsilonAndMomentum() throws IOException {
        browser.allow("status of 422");
        String path = client.layer("\"features\": 2");
        browser.open(client, "/#" + path).waitFor("#batches", "0 batches");
        browser.fill("epsilon", "-1");
        browser.press("Save");
        browser.until("it is reported", () -> browser.count(".field .problem") == 1);
        browser.fill("epsilon", "0.25");
        browser.fill("momentum", "0.5");
        browser.press("Save");
        browser.waitFor("[aria-label=Configuration]", "Each batch counts 50 %");
        assertThat(client.get(path).json().at("/config/epsilon").asDouble()).isEqualTo(0.25);
        browser.fill("momentum", Keys.DELETE.toString());
        browser.press("Save");
        browser.waitFor("[aria-label=Configuration]", "Every batch counts the same");
        assertThat(client.get(path).json().at("/config/momentum").isNull()).isTrue();
    }

    @Test
    void aDroppedCheckpointIsListedAndImported() throws IOException {
        for (String layer : List.of("page.stem.bn", "page.block.bn")) {
            client.delete("/layers/" + layer);
        }
        browser.open(client, "/").waitFor("h1", "");
        browser.promised(DROP, "/playground/samples/checkpoint.safetensors", "some.safetensors");
        browser.waitFor("[aria-label=Contents]", "some.safetensors, 984 bytes");
        browser.waitFor(
                "[aria-label=Contents]",
                "safetensors: 2 batch normalizations with the names of pytorch, 0 other tensors. No warnings.");
        browser.waitFor("[aria-label=Contents]", "block.bn 8 FP32 – – – ");
        browser.fill("name", "page");
        browser.press("Import");
        browser.waitFor("[aria-label=Import]", "Imported 2 layers with the names of pytorch.");
        assertThat(client.get("/layers/page.stem.bn").expect(200).field("features").asInt())
                .isEqualTo(4);
        browser.allow("status of 409");
        browser.press("Import");
        browser.waitFor("[aria-label=Import] .problem", "page.");
        browser.press("page.block.bn");
        browser.waitFor("h1", "page.block.bn");
    }

    /// Drops a file of the service on the page.
    private static final String DROP =
            """
            const [address, name] = arguments;
            const file = new File([await (await fetch(address)).blob()], name);
            const dataTransfer = new DataTransfer();
            dataTransfer.items.add(file);
            document.body.dispatchEvent(new DragEvent('drop', { dataTransfer, bubbles: true, cancelable: true }));
            """;

    @Test
    void listsTheContentsOfAnArchive(@TempDir Path directory) throws IOException {
        String path = client.layer("\"features\": 3");
        Path file = directory.resolve("layer.npz");
        URLConnection export =
                URI.create(client.root() + "/api/v1" + path + "/state?framework=pytorch")
                        .toURL()
                        .openConnection();
        export.setRequestProperty("Accept", "application/x-npz");
        try (InputStream archive = export.getInputStream()) {
            Files.copy(archive, file);
        }
        browser.open(client, "/#/import").waitFor("h1", "Open a checkpoint");
        browser.attach(file);
        browser.waitFor("[aria-label=Contents]", "npz: 1 batch normalization");
        browser.waitFor("[aria-label=Contents] .warnings", "no batch has been counted");
    }

    /// Epsilon and momentum of `bn2` are not the defaults of Keras.
    @ParameterizedTest
    @CsvSource({
        "model.keras, keras, bn2 5 FP32 1e−5 0.9 −1",
        "model_legacy.h5, keras-legacy, bn2 5 FP32 1e−5 0.9 −1",
        "state_dict.pth, pytorch, block.bn 6 FP32 – – – 201",
        "conv_bn.onnx, onnx, bn1 4 FP32 1e−5 0.9 1"
    })
    void aModelOfAnyFormatIsShownAndImported(String name, String format, String row)
            throws IOException, URISyntaxException {
        URL resource = getClass().getResource("/checkpoints/" + name);
        browser.open(client, "/#/import").waitFor("h1", "Open a checkpoint");
        browser.attach(Path.of(Objects.requireNonNull(resource).toURI()));
        browser.waitFor("[aria-label=Contents]", format + ": ");
        browser.waitFor("[aria-label=Contents]", row);
        browser.fill("name", "page." + format);
        browser.press("Import");
        browser.waitFor("[aria-label=Import]", "Imported ");
    }

    @Test
    void aFileWithCodeIsExplainedAndNotImported() throws URISyntaxException {
        URL resource = getClass().getResource("/checkpoints/evil.pth");
        browser.allow("status of 400");
        browser.open(client, "/#/import").waitFor("h1", "Open a checkpoint");
        browser.attach(Path.of(Objects.requireNonNull(resource).toURI()));
        browser.waitFor(".problem", "__builtin__.print");
        assertThat(browser.count("[aria-label=Import]")).isZero();
    }

    @Test
    void listsTheLatestFirstAndGroupsByPrefix() throws IOException {
        for (String name : List.of("page.group.bn1", "page.alone", "page.group.bn2")) {
            client.delete("/layers/" + name);
            client.post("/layers", "{\"name\": \"%s\", \"features\": 2}".formatted(name))
                    .expect(201);
        }
        browser.open(client, "/").waitFor("#layers", "page.group.bn2");
        browser.fill("search", "page.");
        browser.until(
                "the search is done", () -> browser.text("#layers .layers").startsWith("page."));
        assertThat(browser.text(".group .layers")).contains("page.group.bn1", "page.group.bn2");
        assertThat(browser.text(".group .layers")).doesNotContain("page.alone");
        assertThat(browser.text("#layers .layers")).startsWith("page.group.bn2");
        client.train("/layers/page.alone", "[[1, 2], [3, 4]]");
        browser.until(
                "the trained layer is first",
                () -> browser.text("#layers .layers").startsWith("page.alone"));
    }

    @Test
    void keepsTheCurrentLayerInSightAndItsNameReadable() throws IOException {
        String name = "page.a_layer_with_a_rather_long_name_that_no_list_has_room_for.bn1";
        client.delete("/layers/" + name);
        client.post("/layers", "{\"name\": \"%s\", \"features\": 2}".formatted(name)).expect(201);
        for (int i = 0; i < 30; i++) {
            client.layer("\"features\": 2");
        }
        browser.open(client, "/#/layers/" + name).waitFor("#batches", "0 batches");
        browser.until(
                "the current layer is in sight",
                () ->
                        Boolean.TRUE.equals(
                                browser.script(
                                        """
                                        const item = document.querySelector('#layers [aria-current]');
                                        if (!item) return false;
                                        const { top, bottom } = item.getBoundingClientRect();
                                        const name = item.querySelector('.layer-name');
                                        return top >= 56 && bottom <= innerHeight && name.scrollWidth <= name.clientWidth;
                                        """)));
    }
}
