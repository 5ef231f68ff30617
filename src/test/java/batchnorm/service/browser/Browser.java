package batchnorm.service.browser;

import static org.assertj.core.api.Assertions.assertThat;

import batchnorm.service.Answer;
import batchnorm.service.Client;
import java.io.IOException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.function.BooleanSupplier;
import java.util.logging.Level;
import java.util.stream.Stream;
import org.openqa.selenium.By;
import org.openqa.selenium.Dimension;
import org.openqa.selenium.Keys;
import org.openqa.selenium.OutputType;
import org.openqa.selenium.StaleElementReferenceException;
import org.openqa.selenium.WebElement;
import org.openqa.selenium.chrome.ChromeDriver;
import org.openqa.selenium.chrome.ChromeDriverService;
import org.openqa.selenium.chrome.ChromeOptions;
import org.openqa.selenium.interactions.Actions;
import org.openqa.selenium.logging.LogEntry;
import org.openqa.selenium.logging.LogType;
import org.openqa.selenium.logging.LoggingPreferences;
import org.openqa.selenium.support.ui.Select;
import org.openqa.selenium.support.ui.WebDriverWait;
import org.springframework.util.FileSystemUtils;
import tools.jackson.databind.JsonNode;

/// A headless installed Chromium, operated like a person does: it clicks on texts, fills in named
/// fields, and reads the visible text. Nothing is downloaded.
public final class Browser implements AutoCloseable {
    private static final Duration PATIENCE = Duration.ofSeconds(60);
    private static final Duration POLLING = Duration.ofMillis(25);
    private static final List<String> FLAGS =
            List.of(
                    "--headless",
                    "--no-sandbox",
                    "--disable-gpu",
                    "--disable-quic",
                    "--disable-dev-shm-usage",
                    "--no-first-run",
                    "--disable-background-networking",
                    "--disable-component-update",
                    "--disable-sync",
                    "--window-size=1280,1000");

    /// Returns the first visible and enabled descendant of a selector whose text has the prefix.
    /// One script examines all of them, because a driver call for each takes seconds on a long
    /// list.
    private static final String TO_PRESS =
            """
            return [...document.querySelectorAll(`:is(${arguments[0]}) :is(button, a, summary, label)`)]
                .find(element => element.checkVisibility() && !element.disabled
                    && element.innerText.trim().startsWith(arguments[1]));
            """;

    /// Returns the first visible button or link whose text has the prefix, disabled or not.
    private static final String LABELLED =
            """
            return [...document.querySelectorAll('button, a')]
                .find(element => element.checkVisibility() && element.innerText.trim().startsWith(arguments[0]));
            """;

    /// Returns the same as [WebElement#getText], which is ten times slower.
    private static final String TEXT =
            """
            const element = document.querySelector(arguments[0]);
            return element?.checkVisibility() ? element.innerText.trim().replace(/\\t/g, ' ') : '';
            """;

    private final Path directory;
    private final ChromeDriver driver;
    private final List<String> allowed = new ArrayList<>();
    private URI root = URI.create("http://127.0.0.1");

    /// @param flags for Chromium, added to the defaults
    public Browser(InstalledBrowser installed, String... flags) throws IOException {
        directory = Files.createTempDirectory("batchnorm-browser");
        driver =
                new ChromeDriver(
                        new ChromeDriverService.Builder()
                                .usingDriverExecutable(installed.driver().toFile())
                                .usingAnyFreePort()
                                .build(),
                        options(installed.chromium(), directory).addArguments(flags));
    }

    private static ChromeOptions options(Path chromium, Path directory) {
        LoggingPreferences logs = new LoggingPreferences();
        logs.enable(LogType.BROWSER, Level.ALL);
        logs.enable(LogType.PERFORMANCE, Level.ALL);
        ChromeOptions options =
                new ChromeOptions()
                        .setBinary(chromium.toFile())
                        .addArguments(FLAGS)
                        .addArguments("--user-data-dir=" + directory.resolve("profile"));
        options.setExperimentalOption(
                "prefs", Map.of("download.default_directory", directory.toString()));
        options.setCapability("goog:loggingPrefs", logs);
        return options;
    }

    /// Returns the directory of downloads.
    public Path downloads() {
        return directory;
    }

    /// Opens a page of a service, from anywhere: `/#/compare`.
    public Browser open(Client service, String path) {
        root = service.root();
        driver.get("about:blank");
        requested(); // drains the requests of the previous page
        driver.get(root + path);
        return this;
    }

    /// Opens any address, under any host name.
    public void visit(String url) {
        driver.get(url);
    }

    /// Reloads the current page.
    public void reload() {
        driver.navigate().refresh();
    }

    public void resize(int width, int height) {
        driver.manage().window().setSize(new Dimension(width, height));
    }

    /// Shows the page as on a screen of a size, in `light` or `dark`, without animations and
    /// scrollbars. A window is never narrower than 500 pixels.
    public void emulate(int width, int height, String theme) {
        driver.executeCdpCommand("Emulation.setScrollbarsHidden", Map.of("hidden", true));
        driver.executeCdpCommand(
                "Emulation.setDeviceMetricsOverride",
                Map.of("width", width, "height", height, "deviceScaleFactor", 1, "mobile", false));
        driver.executeCdpCommand(
                "Emulation.setEmulatedMedia",
                Map.of(
                        "features",
                        List.of(
                                Map.of("name", "prefers-color-scheme", "value", theme),
                                Map.of("name", "prefers-reduced-motion", "value", "reduce"))));
    }

    /// Ends what [#emulate] began.
    public void emulateNothing() {
        driver.executeCdpCommand("Emulation.setScrollbarsHidden", Map.of("hidden", false));
        driver.executeCdpCommand("Emulation.clearDeviceMetricsOverride", Map.of());
        driver.executeCdpCommand("Emulation.setEmulatedMedia", Map.of("features", List.of()));
    }

    /// Returns the visible part of the page as a PNG.
    public byte[] picture() {
        return driver.getScreenshotAs(OutputType.BYTES);
    }

    /// Clicks the first visible button, link or summary whose text has the prefix.
    public void press(String text) {
        press("body", text);
    }

    public void press(String within, String text) {
        until(
                "there is a “" + text + "” to press",
                () -> script(TO_PRESS, within, text) instanceof WebElement found && click(found));
    }

    /// Scrolls clear of the fixed elements at the window's edges.
    private boolean click(WebElement element) {
        script("arguments[0].scrollIntoView({block: 'center'})", element);
        element.click();
        return true;
    }

    /// Returns why a visible button or link is disabled; empty for one that is enabled.
    public String reason(String text) {
        until("there is a “" + text + "”", () -> script(LABELLED, text) != null);
        return script(
                        "const found = ("
                                + "function () {"
                                + LABELLED
                                + "})(arguments[0]);"
                                + " return found.disabled || (found.tagName === 'A' && !found.href)"
                                + " ? found.title : ''",
                        text)
                .toString();
    }

    /// Drags an element to the right, with the pointer.
    public void drag(String selector, int pixels) {
        WebElement element = await(selector);
        script("arguments[0].scrollIntoView({block: 'center'})", element);
        new Actions(driver).clickAndHold(element).moveByOffset(pixels, 0).release().perform();
    }

    /// Replaces the content of the named field.
    public void fill(String name, String value) {
        type("[name='" + name + "']", value);
    }

    /// Opens the view "Try" of a layer, and enters numbers as its data.
    ///
    /// @param path of the layer, as [Client#layer] returns it
    public void paste(Client client, String path, String numbers) {
        open(client, "/#" + path + "/try").waitFor("h1", "Try layer-");
        press("Or your own");
        fill("data", numbers);
        press("Use these numbers");
    }

    public void type(String selector, String value) {
        await(selector).sendKeys(Keys.chord(Keys.CONTROL, "a"), value, Keys.TAB);
    }

    public void keys(CharSequence keys) {
        driver.switchTo().activeElement().sendKeys(keys);
    }

    /// Returns the accessible name of the focused element.
    public String focused() {
        return driver.switchTo().activeElement().getAccessibleName();
    }

    public void choose(String name, String value) {
        new Select(field(name)).selectByValue(value);
    }

    public void attach(Path file) {
        driver.findElement(By.cssSelector("input[type=file]")).sendKeys(file.toString());
    }

    public WebElement field(String name) {
        return await("[name='" + name + "']");
    }

    private WebElement await(String selector) {
        until("there is " + selector, () -> count(selector) > 0);
        return driver.findElement(By.cssSelector(selector));
    }

    /// Returns the visible text of the first element of a selector, or "".
    public String text(String selector) {
        return script(TEXT, selector).toString();
    }

    public int count(String selector) {
        return ((Number) script("return document.querySelectorAll(arguments[0]).length", selector))
                .intValue();
    }

    public Browser waitFor(String selector, String text) {
        until(
                selector + " shows “" + text + "”",
                () -> text(selector).contains(text) || fail(selector));
        return this;
    }

    /// Returns the actual text for a failure message.
    private boolean fail(String selector) {
        lastSeen = text(selector);
        return false;
    }

    private String lastSeen = "";

    public void until(String what, BooleanSupplier condition) {
        new WebDriverWait(driver, PATIENCE, POLLING)
                .ignoring(StaleElementReferenceException.class)
                .withMessage(() -> what + "; instead: " + lastSeen + "\n" + text("#main"))
                .until(page -> condition.getAsBoolean());
    }

    /// Returns a number of a table, by the headings of its section, row and column.
    public double number(String section, String row, String column) {
        Object text =
                script(
                        """
                        const section = document.querySelector(`[aria-label="${arguments[0]}"]`);
                        const table = section.querySelector('table.numbers');
                        const heads = [...table.tHead.rows].at(-1).cells;
                        const column = [...heads].findIndex(cell => cell.textContent === arguments[2]);
                        const row = [...table.tBodies[0].rows].find(row => row.cells[0].textContent === arguments[1]);
                        return row?.cells[column]?.textContent;
                        """,
                        section,
                        row,
                        column);
        assertThat(text).as("%s, %s of %s", section, column, row).isNotNull();
        return shown(text.toString());
    }

    /// Parses a number in the page's format.
    public static double shown(String text) {
        return Double.parseDouble(text.replace('−', '-'));
    }

    public Object script(String script, Object... arguments) {
        return driver.executeScript(script, arguments);
    }

    /// Returns the value of the progress bar.
    public double progress() {
        return ((Number) script("return document.querySelector('progress').value")).doubleValue();
    }

    /// Returns the result of a script's promise.
    public Object promised(String script, Object... arguments) {
        return driver.executeAsyncScript(
                "const answer = arguments[arguments.length - 1]; (async (...arguments) => {"
                        + script
                        + "})(...arguments).then(answer, error => answer('error: ' + error.message));",
                arguments);
    }

    /// Disconnects the page from the network, or connects it again.
    public void disconnect(boolean offline) {
        driver.executeCdpCommand(
                "Network.emulateNetworkConditions",
                Map.of(
                        "offline",
                        offline,
                        "latency",
                        0,
                        "downloadThroughput",
                        -1,
                        "uploadThroughput",
                        -1));
    }

    /// Permits one console message: the rejection of a deliberately invalid request.
    public void allow(String message) {
        allowed.add(message);
    }

    /// Asserts that the console has no errors and that no other host was contacted.
    public void expectNoComplaints() {
        List<String> complaints =
                driver.manage().logs().get(LogType.BROWSER).getAll().stream()
                        .filter(entry -> entry.getLevel().intValue() >= Level.WARNING.intValue())
                        .map(LogEntry::getMessage)
                        .filter(message -> allowed.stream().noneMatch(message::contains))
                        .toList();
        allowed.clear();
        assertThat(complaints).as("console messages").isEmpty();
        assertThat(requested())
                .as("requests beyond the service itself")
                .allMatch(url ->
                        Stream.of(root + "/", "blob:" + root + "/", "data:")
                                .anyMatch(url::startsWith));
    }

    private List<String> requested() {
        return driver.manage().logs().get(LogType.PERFORMANCE).getAll().stream()
                .map(entry -> Answer.JSON.readTree(entry.getMessage()).path("message"))
                .filter(event ->
                        event.path("method").asString().equals("Network.requestWillBeSent"))
                .map(event -> event.at("/params/request/url"))
                .map(JsonNode::stringValue)
                .filter(url -> !url.startsWith("about:") && !url.startsWith("chrome:"))
                .toList();
    }

    @Override
    public void close() throws IOException {
        driver.quit();
        FileSystemUtils.deleteRecursively(directory);
    }
}
