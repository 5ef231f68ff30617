package batchnorm.web;

import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.io.Reader;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.Objects;
import java.util.Properties;
import org.jspecify.annotations.Nullable;

/// What is said about things in the documentation, by name: a file of properties beside the
/// examples.
final class Words {
    private final Properties entries = new Properties();

    /// @param file under `openapi`, such as `glossary`
    Words(String file) {
        String path = "/openapi/" + file + ".properties";
        try (InputStream bytes = Objects.requireNonNull(Words.class.getResourceAsStream(path));
                Reader text = new InputStreamReader(bytes, StandardCharsets.UTF_8)) {
            entries.load(text);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    @Nullable String of(String name) {
        return entries.getProperty(name);
    }
}
