package batchnorm.service.browser;

import static org.assertj.core.api.Assertions.assertThat;

import batchnorm.fixtures.RandomSeed;
import batchnorm.service.Client;
import batchnorm.service.ServiceUnderTest;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.condition.EnabledIfSystemProperty;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/// Takes the pictures of the page in the documentation: `./mvnw test -Dtest=PagePicturesTest
/// -Dpictures.write=true`. [AccessibilityTest] opens the same views in every run.
@EnabledIfSystemProperty(named = "pictures.write", matches = "true")
@Tag("slow")
@Tag("browser")
@ExtendWith({ServiceUnderTest.Shared.class, BrowserSession.class})
class PagePicturesTest {
    private static final Path DIRECTORY = Path.of("docs/page");
    private static final int WIDE = 1440;
    private static final int NARROW = 390;
    private static final int LARGEST = 250_000;

    private final Client client;
    private final Browser browser;

    PagePicturesTest(Client client, Browser browser) {
        this.client = client;
        this.browser = browser;
    }

    @AfterEach
    void asItWas() {
        browser.emulateNothing();
    }

    @ParameterizedTest
    @CsvSource({"inside", "try", "layer", "compare"})
    void areOfEveryMainViewAndInTheDocumentation(String view) throws IOException {
        String documentation = Files.readString(Path.of("docs/playground.md"));
        browser.emulate(WIDE, 900, "light");
        open(view);
        for (String theme : List.of("light", "dark")) {
            for (int width : new int[] {WIDE, NARROW}) {
                browser.emulate(width, width == WIDE ? 900 : 844, theme);
                browser.script("document.activeElement.blur(); scrollTo(0, 0)");
                browser.promised("await new Promise(drawn => setTimeout(drawn, 500))");
                byte[] picture = browser.picture();
                Path file = DIRECTORY.resolve(name(view, theme, width));
                Files.write(file, picture);
                assertThat(Files.size(file)).as("%s", file).isLessThan(LARGEST);
                assertThat(documentation).contains("page/" + file.getFileName());
            }
        }
    }

    private static String name(String view, String theme, int width) {
        return view
                + (width == NARROW ? "-" + NARROW : "")
                + (theme.equals("dark") ? "-dark" : "")
                + ".png";
    }

    private void open(String view) throws IOException {
        switch (view) {
            case "inside" -> {
                browser.open(client, "/");
                browser.until("it is drawn", () -> browser.count("[data-ready]") > 0);
            }
            case "try" -> {
                create("wine.bn", 13);
                browser.open(client, "/#/layers/wine.bn/try?sample=wine");
                browser.waitFor("#main", "178");
                browser.choose("channel", "12");
                browser.press("Train step");
                browser.until("it is drawn", () -> browser.count("#main .plot canvas") > 1);
            }
            case "layer" -> {
                create("resnet.layer1.bn2", 64);
                create("resnet.layer1.bn1", 64);
                train("/layers/resnet.layer1.bn1", 64);
                browser.open(client, "/#/layers/resnet.layer1.bn1");
                browser.waitFor("[aria-label=Health]", "smallest variance");
                browser.until("it is drawn", () -> browser.count("#main .plot canvas") == 4);
            }
            default -> {
                browser.open(client, "/#/compare");
                browser.press("#main", "Run");
                browser.until("it is drawn", () -> browser.count("#main .plot canvas") > 1);
                browser.until("it has ended", () -> browser.count(".progress:not([hidden])") == 0);
            }
        }
    }

    private void create(String name, int features) throws IOException {
        client.delete("/layers/" + name);
        Random random = RandomSeed.random(1);
        List<String> gamma = new ArrayList<>();
        List<String> beta = new ArrayList<>();
        for (int channel = 0; channel < features; channel++) {
            gamma.add(Double.toString(1 + 0.3 * random.nextGaussian()));
            beta.add(Double.toString(0.4 * random.nextGaussian()));
        }
        client.post(
                        "/layers",
                        "{\"name\": \"%s\", \"features\": %d, \"gamma\": %s, \"beta\": %s}"
                                .formatted(name, features, gamma, beta))
                .expect(201);
    }

    private void train(String layer, int features) throws IOException {
        Random random = RandomSeed.random(2);
        for (int step = 0; step < 60; step++) {
            List<List<Double>> batch = new ArrayList<>();
            for (int row = 0; row < 16; row++) {
                List<Double> values = new ArrayList<>();
                for (int channel = 0; channel < features; channel++) {
                    double spread = 0.3 + channel % 5;
                    values.add(Math.sin(channel) * 2 + spread * random.nextGaussian());
                }
                batch.add(values);
            }
            client.train(layer, batch.toString());
        }
    }
}
