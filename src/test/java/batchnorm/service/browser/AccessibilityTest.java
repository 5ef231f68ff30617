package batchnorm.service.browser;

import static org.assertj.core.api.Assertions.assertThat;

import batchnorm.service.Client;
import batchnorm.service.ServiceUnderTest;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Objects;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

/// Checks every view with axe-core against WCAG 2.2, levels A and AA: in light and dark, on a wide
/// and on a narrow screen.
@Tag("slow")
@Tag("browser")
@ExtendWith({ServiceUnderTest.Shared.class, BrowserSession.class})
class AccessibilityTest {
    private static final String AXE = read("/axe/axe.min.js");
    private static final int[] WIDTHS = {1440, 390};
    private static final List<String> THEMES = List.of("light", "dark");

    /// Returns the serious and critical findings, each with its elements.
    private static final String FINDINGS =
            """
            const { violations } = await axe.run(document, {
                resultTypes: ['violations'],
                runOnly: ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa'],
            });
            return violations
                .filter(({ impact }) => impact === 'serious' || impact === 'critical')
                .flatMap(({ id, nodes }) => nodes.map(({ target, html, any }) =>
                    `${id}: ${target.join(' ')} ${html.slice(0, 160)} ${any.map(({ message }) => message).join('; ')}`));
            """;

    private final Client client;
    private final Browser browser;

    AccessibilityTest(Client client, Browser browser) {
        this.client = client;
        this.browser = browser;
    }

    private static String read(String resource) {
        try (InputStream file = AccessibilityTest.class.getResourceAsStream(resource)) {
            return new String(Objects.requireNonNull(file).readAllBytes(), StandardCharsets.UTF_8);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    @AfterEach
    void asItWas() {
        browser.emulateNothing();
    }

    @Test
    void findsAPlantedFault() {
        browser.open(client, "/#/new").waitFor("h1", "New layer");
        browser.script(
                """
                const main = document.getElementById('main');
                const field = document.createElement('input');
                field.id = 'planted';
                const faint = document.createElement('p');
                faint.textContent = 'faint';
                faint.style.color = '#bbb';
                faint.style.background = '#fff';
                main.append(field, faint);
                """);
        assertThat(findings())
                .anyMatch(finding -> finding.startsWith("label: #planted"))
                .anyMatch(finding -> finding.startsWith("color-contrast"));
    }

    @Test
    void insideABatch() {
        browser.open(client, "/");
        browser.until("it is drawn", () -> browser.count("[data-ready]") > 0);
        check();
    }

    @Test
    void aNewLayer() {
        browser.open(client, "/#/new").waitFor(".callout", "Each batch counts");
        browser.press("Turn a knob");
        check();
    }

    @Test
    void aLayer() throws IOException {
        String path = trained();
        browser.open(client, "/#" + path).waitFor("[aria-label=Health]", "90 %");
        browser.press("The same as numbers");
        browser.press("Edit gamma and beta");
        browser.press("Copy as curl");
        browser.fill("epsilon", "0.5");
        check();
        browser.press("Copy as curl");
        browser.press("Delete");
        check();
        browser.press("Keep it");
    }

    @Test
    void aLayerThatDoesNotExist() {
        browser.allow("status of 404");
        browser.open(client, "/#/layers/no-such.layer").waitFor("h1", "There is no layer");
        check();
    }

    @Test
    void aCheckpoint() {
        browser.open(client, "/#/import").waitFor("h1", "Open a checkpoint");
        browser.press("Try the sample");
        browser.waitFor("[aria-label=Contents]", "2 batch normalizations");
        browser.press("What an import assumes");
        check();
    }

    @Test
    void dataThroughALayer() throws IOException {
        client.delete("/layers/page.accessible");
        client.post("/layers", "{\"name\": \"page.accessible\", \"features\": 13}").expect(201);
        browser.open(client, "/#/layers/page.accessible/try?sample=wine");
        browser.waitFor("#main", "178");
        browser.press("Train step");
        browser.until("it is drawn", () -> browser.count("#main .plot canvas") > 0);
        browser.press("Backward");
        browser.waitFor("[aria-label=Gradients]", "grad");
        check();
    }

    @Test
    void anImplementationChecked() {
        browser.open(client, "/#/check?example=book");
        browser.waitFor("[data-result]", "variance-only-decayed");
        check();
    }

    @Test
    void conventionsCompared() {
        browser.open(client, "/#/compare").waitFor("h1", "");
        browser.press("#main", "Run");
        browser.until("it is drawn", () -> browser.count("#main .plot canvas") > 1);
        browser.press("Step by step");
        check();
    }

    private String trained() throws IOException {
        String path = client.layer("\"features\": 3");
        client.train(path, "[[1, 2, 3], [4, 5, 7]]");
        return path;
    }

    private void check() {
        for (String theme : THEMES) {
            for (int width : WIDTHS) {
                browser.emulate(width, 900, theme);
                assertThat(findings()).as("%s, %d pixels wide", theme, width).isEmpty();
            }
        }
    }

    @SuppressWarnings("unchecked") // an array of texts
    private List<String> findings() {
        browser.script(AXE + "; window.axe = axe;");
        return (List<String>) browser.promised(FINDINGS);
    }
}
