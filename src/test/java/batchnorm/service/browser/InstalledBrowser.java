package batchnorm.service.browser;

import java.io.File;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;
import java.util.stream.Stream;

/// The executables of a Chromium and its driver.
public record InstalledBrowser(Path chromium, Path driver) {
    public static final String MISSING =
            "these tests need Chromium and its driver on the PATH: apt-get install chromium chromium-driver";

    /// Searches the directories of a path, like a shell.
    public static Optional<InstalledBrowser> on(String path) {
        return find(path, "chromium", "chromium-browser", "google-chrome")
                .flatMap(chromium ->
                        find(path, "chromedriver")
                                .map(driver -> new InstalledBrowser(chromium, driver)));
    }

    private static Optional<Path> find(String path, String... names) {
        return Stream.of(names)
                .flatMap(name ->
                        Stream.of(path.split(File.pathSeparator))
                                .map(directory -> Path.of(directory, name)))
                .filter(Files::isExecutable)
                .findFirst();
    }
}
