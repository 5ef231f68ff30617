package batchnorm.service.browser;

import static org.assertj.core.api.Assertions.assertThat;

import batchnorm.service.Client;
import batchnorm.service.ServiceUnderTest;
import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

/// Tests a real browser on a page of another site. Both host names resolve to this machine. The
/// first one is that site; the second is not a loopback name and gets no `Sec-Fetch-Site`.
@Tag("slow")
@Tag("browser")
@ExtendWith({ServiceUnderTest.Shared.class, BrowserSession.class})
class CrossSiteBrowserTest {
    private static final String RULES =
            "--host-resolver-rules=MAP evil.example 127.0.0.1,MAP rebound.example 127.0.0.1";

    private final Client client;
    private final InstalledBrowser installed;
    private HttpServer site;

    CrossSiteBrowserTest(Client client, InstalledBrowser installed) {
        this.client = client;
        this.installed = installed;
    }

    @BeforeEach
    void openTheOtherSite() throws IOException {
        site = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
        byte[] page = "<!doctype html><title>evil</title>".getBytes(StandardCharsets.US_ASCII);
        site.createContext(
                "/",
                exchange -> {
                    exchange.getResponseHeaders().set("Content-Type", "text/html");
                    exchange.sendResponseHeaders(200, page.length);
                    exchange.getResponseBody().write(page);
                    exchange.close();
                });
        site.start();
    }

    @AfterEach
    void closeTheOtherSite() {
        site.stop(0);
    }

    @Test
    void anotherSitesFormChangesNothing() throws IOException {
        String layer = client.layer("\"features\": 2");
        client.train(layer, "[[1, 2], [3, 4]]");
        String before = client.get(layer).expect(200).body();
        try (Browser browser = new Browser(installed, RULES)) {
            for (String name : new String[] {"rebound.example", "localhost", "127.0.0.1"}) {
                browser.visit("http://evil.example:" + site.getAddress().getPort() + "/");
                String service = "http://" + name + ":" + client.root().getPort() + "/api/v1";
                Object sent =
                        browser.promised(
                                "await fetch(arguments[0], {method: 'POST', mode: 'no-cors'})"
                                        + ".catch(() => 0);"
                                        + "await fetch(arguments[1], {method: 'POST', mode: 'no-cors',"
                                        + " body: new Blob(['x'])}).catch(() => 0);"
                                        + "return 'sent';",
                                service + layer + "/reset",
                                service + "/layers/import?framework=pytorch&replace=true");
                assertThat(sent).isEqualTo("sent");
                submit(browser, service + layer + "/reset");
                assertThat(client.get(layer).body()).as(name).isEqualTo(before);
            }
        }
    }

    /// Submits a form, which is a navigation, and waits for its response.
    private static void submit(Browser browser, String target) {
        browser.script(
                "const form = document.createElement('form'); form.method = 'post';"
                        + " form.enctype = 'text/plain'; form.action = arguments[0];"
                        + " document.body.append(form); form.submit();",
                target);
        browser.until(
                "the response is shown",
                () ->
                        String.valueOf(browser.script("return document.body?.innerText"))
                                .contains("forbidden"));
    }

    @Test
    void aReboundNameReadsNothing() throws IOException {
        client.layer("");
        try (Browser browser = new Browser(installed, RULES)) {
            for (String path :
                    new String[] {"/", "/api/v1/layers", "/actuator/backup", "/v3/api-docs"}) {
                browser.visit("http://rebound.example:" + client.root().getPort() + path);
                assertThat(String.valueOf(browser.script("return document.body?.innerText")))
                        .as(path)
                        .contains("/problems/forbidden", "BATCHNORM_ALLOWED_HOSTS");
            }
        }
    }
}
