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

/// Texts of the documentation, by name: a file of properties beside the examples.
final class ResourceTexts {
    private final Properties entries = new DistinctProperties();

    /// Rejects a doubled key, whose second value would silently replace the first.
    private static final class DistinctProperties extends Properties {
        private static final long serialVersionUID = 1;

        @Override
        public synchronized @Nullable Object put(Object key, Object value) {
            if (containsKey(key)) {
                throw new IllegalArgumentException("the key \"" + key + "\" is there twice");
            }
            return super.put(key, value);
        }
    }

    /// @param file under `openapi`, such as `glossary`
    /// @throws IllegalArgumentException when a key is in the file twice
    ResourceTexts(String file) {
        String path = "/openapi/" + file + ".properties";
        try (InputStream bytes =
                        Objects.requireNonNull(ResourceTexts.class.getResourceAsStream(path));
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
