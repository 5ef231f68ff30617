package batchnorm.service.browser;

import static org.assertj.core.api.Assertions.assertThat;

import batchnorm.service.Client;
import batchnorm.service.ServiceUnderTest;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

/// Runs the five-step story of `examples/clients` in a browser, pasted into the console of the
/// service's page.
@Tag("browser")
@ExtendWith({ServiceUnderTest.Shared.class, BrowserSession.class})
class BrowserStoryTest {
    private static final Path CLIENTS = Path.of("examples/clients");
    private final Client client;
    private final Browser browser;

    BrowserStoryTest(Client client, Browser browser) {
        this.client = client;
        this.browser = browser;
    }

    @Test
    void isTheSameInABrowser() throws IOException {
        browser.open(client, "/");
        String story = Files.readString(CLIENTS.resolve("story.mjs"));
        Object printed =
                browser.promised(
                        "const lines = []; const console = { log: (line) => lines.push(line + '\\n') };"
                                + story
                                + "\nreturn lines.join('');");
        assertThat(printed).isEqualTo(Files.readString(CLIENTS.resolve("expected.txt")));
    }
}
