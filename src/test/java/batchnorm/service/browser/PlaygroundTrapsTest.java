package batchnorm.service.browser;

import static org.assertj.core.api.Assertions.assertThat;

import batchnorm.service.Client;
import batchnorm.service.ServiceUnderTest;
import java.io.IOException;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.openqa.selenium.Keys;

/// Tests what the page does where a visitor errs, or the service does not respond.
@Tag("slow")
@Tag("browser")
@ExtendWith({ServiceUnderTest.Shared.class, BrowserSession.class})
class PlaygroundTrapsTest {
    private final Client client;
    private final Browser browser;

    PlaygroundTrapsTest(Client client, Browser browser) {
        this.client = client;
        this.browser = browser;
    }

    @AfterEach
    void connect() {
        browser.disconnect(false);
    }

    @Test
    void theSkipLinkKeepsTheView() {
        browser.open(client, "/#/new").waitFor("h1", "New layer");
        browser.script("document.querySelector('.skip').focus()");
        assertThat(browser.focused()).isEqualTo("Skip to the content");
        browser.keys(Keys.ENTER);
        browser.until(
                "the content has the focus",
                () ->
                        Boolean.TRUE.equals(
                                browser.script("return document.activeElement.id === 'main'")));
        assertThat(browser.script("return location.hash")).isEqualTo("#/new");
        assertThat(browser.text("h1")).isEqualTo("New layer");
    }

    @Test
    void resetsOnlyAfterConfirmation() throws IOException {
        String path = client.layer("\"features\": 2");
        client.train(path, "[[1, 2], [3, 4]]");
        browser.open(client, "/#" + path).waitFor("#batches", "1 batch");
        browser.press("Reset statistics");
        browser.waitFor("dialog", "Reset the statistics of " + path.substring(8));
        browser.press("dialog", "Keep them");
        assertThat(client.get(path).field("num_batches_tracked").asInt()).isOne();
        browser.press("Reset statistics");
        browser.press("dialog", "Reset them");
        browser.waitFor("#batches", "0 batches");
    }

    @Test
    void anUnknownLayerIsASentenceWithTheWayOut() {
        browser.allow("status of 404");
        browser.open(client, "/#/layers/no-such.layer");
        browser.waitFor("#main h1", "There is no layer no-such.layer");
        assertThat(browser.count("#main button")).isZero();
        assertThat(browser.count("#main .chart, #main .card:not(.empty)")).isZero();
        browser.press("#main", "Make a layer of this name");
        browser.waitFor("h1", "New layer");
        assertThat(browser.field("name").getDomProperty("value")).isEqualTo("no-such.layer");
    }

    @Test
    void aLayerThatIsDeletedElsewhereIsReportedToo() throws IOException {
        String path = client.layer("\"features\": 2");
        browser.allow("status of 404");
        browser.open(client, "/#" + path).waitFor("#batches", "0 batches");
        client.delete(path);
        browser.waitFor("#main h1", "There is no layer");
        assertThat(browser.count("#main button")).isZero();
    }

    @Test
    void oneBannerReportsAServiceThatDoesNotRespondInEveryView() throws IOException {
        String path = client.layer("\"features\": 2");
        browser.allow("ERR_INTERNET_DISCONNECTED");
        for (String view :
                List.of("/", "/#/new", "/#/compare", "/#" + path, "/#" + path + "/try")) {
            browser.open(client, view).waitFor("#layers", path.substring(8));
            browser.until("it is drawn", () -> browser.count("#main button, #main a") > 0);
            browser.disconnect(true);
            browser.waitFor("#lost", "The service does not respond. This page keeps trying.");
            assertThat(browser.count(".problem")).as("%s repeats nothing", view).isZero();
            browser.disconnect(false);
            browser.until("the banner is gone", () -> browser.text("#lost").isEmpty());
        }
    }

    @Test
    void aViewThatCouldNotBeLoadedIsShownWhenTheServiceIsBack() throws IOException {
        String path = client.layer("\"features\": 2");
        browser.allow("ERR_INTERNET_DISCONNECTED");
        browser.open(client, "/#/compare").waitFor("#layers", path.substring(8));
        browser.disconnect(true);
        browser.waitFor("#lost", "The service does not respond.");
        browser.script("location.hash = arguments[0]", "#" + path);
        client.train(path, "[[1, 2], [3, 4]]");
        browser.disconnect(false);
        browser.waitFor("#batches", "1 batch");
        browser.waitFor("[aria-label=Health]", "90 %");
    }
}
