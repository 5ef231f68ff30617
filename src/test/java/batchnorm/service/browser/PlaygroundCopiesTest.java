package batchnorm.service.browser;

import static org.assertj.core.api.Assertions.assertThat;

import batchnorm.service.Client;
import batchnorm.service.ServiceUnderTest;
import java.io.File;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

/// Tests that the snippets of the page run unchanged and repeat the page's actions.
@Tag("slow")
@Tag("browser")
@ExtendWith({ServiceUnderTest.Shared.class, BrowserSession.class})
class PlaygroundCopiesTest {
    /// The shell is required; the other programs are optional.
    private static final List<String> LANGUAGES =
            Stream.of("curl", "Python", "JavaScript")
                    .filter(language -> language.equals("curl") || isInstalled(language))
                    .toList();

    private final Client client;
    private final Browser browser;

    PlaygroundCopiesTest(Client client, Browser browser) {
        this.client = client;
        this.browser = browser;
    }

    @Test
    void everyActionRunsAsItIsCopied() throws Exception {
        String path = client.layer("\"features\": 2");
        String name = path.substring("/layers/".length());
        browser.paste(client, path, "[[1, 2], [3, 4], [5, 6]]");
        browser.waitFor(".loaded", "Pasted");
        browser.press("Train step");
        browser.until("it is enabled", () -> browser.count(".controls button:disabled") == 0);
        browser.press("Backward");
        browser.waitFor("[aria-label=Gradients]", "grad_input");
        browser.press("Copy as curl");
        for (String language : LANGUAGES) {
            int before = client.get(path).field("num_batches_tracked").asInt();
            assertThat(run(language, "Train step on " + name))
                    .as(language)
                    .contains("1.2247425750014138");
            assertThat(client.get(path).field("num_batches_tracked").asInt()).isEqualTo(before + 1);
        }
        assertThat(run("curl", "Read " + name)).contains(name, "running_mean");
        assertThat(run("curl", "Infer with " + name)).contains("output");
        assertThat(run("curl", "Backward through " + name)).contains("grad_gamma");
    }

    @Test
    void aRunOfManyStepsRepeatsItsStepsToTheBit() throws Exception {
        String path = client.layer("\"features\": 13");
        String name = path.substring("/layers/".length());
        browser.open(client, "/#" + path + "/try?sample=wine").waitFor(".loaded", "178 × 13");
        browser.fill("steps", "7");
        browser.press("Run 7 steps");
        browser.waitFor("#said", "7 steps done.");
        double[] once = client.get(path).numbers("running_mean");
        browser.press("Copy as curl");
        browser.press("Save data.npy");
        Path file = browser.downloads().resolve("data.npy");
        browser.until("it is saved", () -> Files.exists(file));
        for (String language : LANGUAGES) {
            client.post(path + "/reset", "").expect(200);
            run(language, "7 training steps on " + name);
            assertThat(client.get(path).field("num_batches_tracked").asInt())
                    .as(language)
                    .isEqualTo(7);
            assertThat(client.get(path).numbers("running_mean")).as(language).isEqualTo(once);
        }
        Files.delete(file);
    }

    private String copied(String title, String language) {
        browser.script(
                "document.querySelector(`[aria-label='Copy “${arguments[0]}” as ${arguments[1]}']`).click()",
                title,
                language);
        String code = ".code[aria-label='Program: " + title + "']";
        browser.until(
                title + " is shown",
                () -> browser.count(code + "[data-language=" + language + "]") > 0);
        return browser.script("return document.querySelector(arguments[0]).textContent", code)
                .toString();
    }

    private static List<String> interpreter(String language) {
        return switch (language) {
            case "curl" -> List.of("bash", "-euo", "pipefail", "-c");
            case "Python" -> List.of("python3", "-c");
            default -> List.of("node", "-e");
        };
    }

    private static boolean isInstalled(String language) {
        String program = interpreter(language).getFirst();
        return Arrays.stream(System.getenv("PATH").split(File.pathSeparator))
                .anyMatch(place -> Files.isExecutable(Path.of(place, program)));
    }

    /// Returns the output of the copied snippet of an action.
    private String run(String language, String title) throws Exception {
        String program = copied(title, language);
        Process process =
                new ProcessBuilder(
                                Stream.concat(interpreter(language).stream(), Stream.of(program))
                                        .toList())
                        .directory(browser.downloads().toFile())
                        .redirectErrorStream(true)
                        .start();
        process.getOutputStream().close();
        String output = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        assertThat(process.waitFor()).as("%s\n%s", program, output).isZero();
        return output;
    }
}
