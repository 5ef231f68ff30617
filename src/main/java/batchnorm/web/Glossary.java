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

/// What each field means, wherever it stands: one word is one thing in the whole API. Where it is
/// not, the entry says whose field it is: `parameter.name`, `Problem.field`.
final class Glossary {
    private Glossary() {}

    static @Nullable String meaning(String owner, String name) {
        String own = Entries.ALL.getProperty(owner + "." + name);
        return own == null ? Entries.ALL.getProperty(name) : own;
    }

    /// Read when somebody asks for the contract, not before.
    private static final class Entries {
        static final Properties ALL = read();

        private static Properties read() {
            Properties entries = new Properties();
            try (InputStream file =
                            Glossary.class.getResourceAsStream("/openapi/glossary.properties");
                    Reader text =
                            new InputStreamReader(
                                    Objects.requireNonNull(file), StandardCharsets.UTF_8)) {
                entries.load(text);
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
            return entries;
        }
    }
}
